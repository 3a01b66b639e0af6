"""A visitor of the demo in a real browser: reads, clicks and types commands, opens a thread."""

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
sync_api.expect.set_options(timeout=40_000)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; apt-get install chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


WIDE: sync_api.ViewportSize = {"width": 1200, "height": 900}
PHONE: sync_api.ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[tuple[sync_api.Browser, str]]:
    """A browser and the address of the demo; its visitors follow one another into the same channels."""
    with demo() as process, sync_api.sync_playwright() as playwright:
        address = address_of(process)
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield chromium, address
        finally:
            chromium.close()
        assert process.poll() is None, f"the demo ended: {process.communicate()[1]}"


@pytest.fixture
def page(browser: tuple[sync_api.Browser, str], request: pytest.FixtureRequest) -> Iterator[sync_api.Page]:
    chromium, address = browser
    page = chromium.new_page(viewport=getattr(request, "param", WIDE))
    page.set_default_timeout(40_000)
    page.goto(address)
    try:
        yield page
    finally:
        page.close()


@pytest.fixture
def channel(page: sync_api.Page) -> sync_api.FrameLocator:
    """The open channel, in which the last of several answers is the newest."""
    channel = page.frame_locator("#channel")
    channel.locator("article.channel-message").filter(has_text="speech synthesis").first.wait_for()
    return channel


def test_visitor_reads_posts_and_a_digest_searches_and_turns_the_page(
    page: sync_api.Page, channel: sync_api.FrameLocator
) -> None:
    messages = channel.locator("article.channel-message")
    messages.filter(has_text="quantum error correction").first.wait_for()
    arrived = messages.count()

    composer = channel.get_by_placeholder("Message #papers")
    composer.press_sequentially("/search")
    channel.get_by_role("option", name="/search").wait_for()
    composer.press("Enter")
    query = channel.get_by_role("textbox", name="query")
    query.press_sequentially("quantum error correction")
    query.press("Enter")
    answer = messages.filter(has_text="on “quantum error correction”").last
    answer.filter(has_text="newest first").wait_for()
    answer.get_by_role("button", name="▶").click()
    answer.get_by_role("button", name="2 of").wait_for()

    channel.locator(f"article.channel-message >> nth={arrived + 1}").wait_for()  # more papers, by themselves


def test_channel_stays_readable_until_the_next_has_come(
    page: sync_api.Page, channel: sync_api.FrameLocator
) -> None:
    held: list[sync_api.Route] = []

    def hold(route: sync_api.Route) -> None:
        held.append(route)

    page.route("**/channels/robotics", hold)
    page.get_by_role("link", name="robotics").click()
    sync_api.expect(page.locator("iframe")).to_have_count(2)
    sync_api.expect(channel.get_by_placeholder("Message #papers")).to_be_visible()
    held[0].continue_()
    channel.get_by_placeholder("Message #robotics").wait_for()
    channel.locator("article.channel-message").filter(has_text="robot learning").first.wait_for()
    sync_api.expect(page.locator("iframe")).to_have_count(1)


def test_whole_line_typed_at_once_runs_and_the_page_goes_to_its_answer(
    page: sync_api.Page, channel: sync_api.FrameLocator
) -> None:
    messages = channel.locator("article.channel-message")
    composer = channel.get_by_placeholder("Message #papers")
    channel.locator("#channel-timeline").hover()
    page.mouse.wheel(0, -5_000)

    composer.press_sequentially("/search speech synthesis")
    composer.press("Enter")
    answer = messages.filter(has_text="on “speech synthesis”").last
    answer.filter(has_text="newest first").wait_for()
    sync_api.expect(answer.locator(".message-interaction-header")).to_be_in_viewport()

    channel.locator("#channel-timeline").hover()
    page.mouse.wheel(0, -5_000)
    channel.get_by_role("button", name="Abstract").first.click()
    private = messages.filter(has_text="Only you can see this").last
    private.wait_for()
    sync_api.expect(private).to_be_in_viewport()


REFUSED = {
    "good morning": "The bot reads no messages",
    "/serach diffusion models": "There is no such command.",
    "/help me": "takes nothing after its name",
    "/top nonsense": "Choose an available option.",
    "/paper nonsense": "“nonsense” is not an arXiv identifier",
    "/subscribe": "Words such as",  # it asks for the missing option
}


@pytest.mark.thorough  # on a machine with much else to do, the preview may lose what is typed at once
def test_what_is_refused_leaves_the_message_box_free_and_says_why(
    page: sync_api.Page, channel: sync_api.FrameLocator
) -> None:
    messages = channel.locator("article.channel-message")
    channel.get_by_placeholder("Message #papers").click()
    for line, why in REFUSED.items():
        page.keyboard.type(line)
        page.keyboard.press("Enter")
        channel.get_by_text(why).last.wait_for()

    page.keyboard.type("/status")
    page.keyboard.press("Enter")
    status = messages.filter(has_text="running for")
    status.filter(has_text="Up to date").wait_for()
    sync_api.expect(status).not_to_contain_text("12 h")
    sync_api.expect(status).to_be_in_viewport()
    sync_api.expect(channel.locator("#channel-composer-input")).to_have_value("")
    sync_api.expect(messages.filter(has_text="good morning")).to_have_count(0)


@pytest.mark.parametrize("page", [PHONE], indirect=True, ids=["phone"])
def test_visitor_with_a_phone_taps_commands_and_opens_a_thread(
    page: sync_api.Page, channel: sync_api.FrameLocator
) -> None:
    messages = channel.locator("article.channel-message")
    sync_api.expect(page.get_by_text("Tap a command")).to_be_visible()
    timeline = channel.locator("#channel-timeline").bounding_box()
    assert timeline is not None
    assert timeline["height"] > PHONE["height"] * 0.6, "there is room to read"

    page.get_by_role("button", name="/search diffusion models").click()
    messages.filter(has_text="on “diffusion models”").filter(has_text="newest first").wait_for()
    page.get_by_role("button", name="/why").focus()
    page.keyboard.press("Enter")
    messages.filter(has_text="Why it was posted").wait_for()
    sync_api.expect(channel.locator("#channel-composer-input")).to_have_value("")

    channel.get_by_role("button", name="Discuss").first.click()
    channel.locator("article").get_by_role("link", name="#").last.click()
    channel.get_by_text("Write what you think of the paper").wait_for()
    page.locator("#channels .thread[aria-current]").wait_for()
    channel.get_by_role("link", name="‹ #papers").click()
    channel.get_by_placeholder("Message #papers").wait_for()
    channel.locator(".thread-summary").first.click()
    channel.get_by_text("Write what you think of the paper").wait_for()
