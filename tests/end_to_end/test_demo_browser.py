"""A visitor of the demo: opens the page in a real browser, reads, types a command, turns a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.demo.demo_cases import address_of, demo

if TYPE_CHECKING:
    from playwright import sync_api
else:
    sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; apt-get install chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture
def page() -> Iterator[sync_api.Page]:
    with demo() as process, sync_api.sync_playwright() as playwright:
        address = address_of(process)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 900})
            page.set_default_timeout(40_000)
            page.goto(address)
            yield page
        finally:
            browser.close()
        assert process.poll() is None, f"the demo ended: {process.communicate()[1]}"


def test_visitor_reads_posts_and_a_digest_searches_and_turns_the_page(page: sync_api.Page) -> None:
    channel = page.frame_locator("iframe")
    messages = channel.locator("article.channel-message")
    messages.filter(has_text="speech synthesis").first.wait_for()
    messages.filter(has_text="quantum error correction").first.wait_for()
    arrived = messages.count()

    composer = channel.get_by_placeholder("Message #papers")
    composer.press_sequentially("/search")
    channel.get_by_role("option", name="/search").wait_for()
    composer.press("Enter")
    query = channel.get_by_role("textbox", name="query")
    query.press_sequentially("diffusion models")
    query.press("Enter")
    answer = messages.filter(has_text="used /search")
    answer.filter(has_text="newest first").wait_for()
    answer.get_by_role("button", name="▶").click()
    answer.get_by_role("button", name="2 of").wait_for()

    channel.locator(f"article.channel-message >> nth={arrived + 1}").wait_for()  # more papers, by themselves

    page.get_by_role("link", name="robotics").click()
    channel.get_by_placeholder("Message #robotics").wait_for()
    messages.filter(has_text="robot learning").first.wait_for()


def test_whole_line_typed_at_once_runs_and_the_page_goes_to_its_answer(page: sync_api.Page) -> None:
    channel = page.frame_locator("iframe")
    messages = channel.locator("article.channel-message")
    messages.filter(has_text="speech synthesis").first.wait_for()
    channel.locator("#channel-timeline").hover()
    page.mouse.wheel(0, -5_000)
    composer = channel.get_by_placeholder("Message #papers")

    composer.press_sequentially("/serach diffusion models")
    composer.press("Enter")
    channel.get_by_text("There is no such command.").wait_for()
    composer.fill("")
    composer.press_sequentially("/search diffusion models")
    composer.press("Enter")
    answer = messages.filter(has_text="used /search")
    answer.filter(has_text="newest first").wait_for()
    sync_api.expect(answer.locator(".message-interaction-header")).to_be_in_viewport()

    channel.locator("#channel-timeline").hover()
    page.mouse.wheel(0, -5_000)
    channel.get_by_role("button", name="Abstract").first.click()
    private = messages.filter(has_text="Only you can see this").last
    private.wait_for()
    sync_api.expect(private).to_be_in_viewport()

    composer.press_sequentially("/status")
    composer.press("Enter")
    status = messages.filter(has_text="running for")
    status.filter(has_text="Up to date").wait_for()
    sync_api.expect(status).not_to_contain_text("12 h")
    sync_api.expect(status).to_be_in_viewport()
