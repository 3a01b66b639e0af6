"""Why something went wrong, as a sentence in each language."""

from __future__ import annotations

import pytest

from bot import i18n
from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode
from bot.present.reasons import permission_name, reason_in_english, reason_in_words

VIEW, EMBED = Permission.VIEW_CHANNEL, Permission.EMBED_LINKS
SEND, IN_THREADS = Permission.SEND_MESSAGES, Permission.SEND_MESSAGES_IN_THREADS
OTHERS_WORDS = {ReasonCode.DISCORD_ERROR, ReasonCode.OTHER}


def missing(*permissions: Permission, kind: ChannelKind = ChannelKind.CHANNEL) -> Reason:
    return Reason(ReasonCode.PERMISSION_MISSING, permissions=permissions, kind=kind)


def sample(code: ReasonCode) -> Reason:
    return Reason(code, permissions=(SEND, EMBED), status=400, error=50035, detail="*x* {y}")


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_a_sentence_in_every_language(code: ReasonCode) -> None:
    said = {}
    for language in i18n.languages():
        with i18n.in_language(language):
            said[language] = reason_in_words(sample(code))
            assert said[language]
            assert "{" not in said[language].replace("{y}", "")
    assert len(set(said.values())) == (1 if code is ReasonCode.OTHER else len(said))
    if code not in OTHERS_WORDS:
        assert said["en"].endswith(".")


@pytest.mark.parametrize(
    ("code", "english", "german"),
    [
        (ReasonCode.CHANNEL_DELETED, "The channel was deleted.", "Der Kanal wurde gelöscht."),
        (
            ReasonCode.SERVER_UNKNOWN,
            "The server was deleted, or I am no longer a member of it.",
            "Der Server wurde gelöscht, oder ich bin dort kein Mitglied mehr.",
        ),
        (ReasonCode.BOT_REMOVED, "I was removed from the server.", "Ich wurde vom Server entfernt."),
        (
            ReasonCode.THREAD_LOCKED,
            "The thread is locked. Unlock it, or grant me the Manage Threads permission.",
            "Der Thread ist gesperrt. Entsperre ihn oder gib mir die Berechtigung „Threads verwalten“.",
        ),
        (
            ReasonCode.THREAD_ARCHIVED,
            "The thread is archived, and I am not allowed to reopen it.",
            "Der Thread ist archiviert, und ich darf ihn nicht wieder öffnen.",
        ),
        (
            ReasonCode.CHANNEL_HIDDEN,
            "I cannot see the channel. Grant me the View Channel permission.",
            "Ich kann den Kanal nicht sehen. Gib mir die Berechtigung „Kanal ansehen“.",
        ),
        (
            ReasonCode.DIRECT_MESSAGES_CLOSED,
            "This person does not accept direct messages from me.",
            "Diese Person nimmt keine Direktnachrichten von mir an.",
        ),
        (
            ReasonCode.NO_RESPONSE,
            "Discord did not respond in time.",
            "Discord hat nicht rechtzeitig geantwortet.",
        ),
    ],
)
def test_a_reason_is_one_sentence_for_the_person_who_can_mend_it(
    code: ReasonCode, english: str, german: str
) -> None:
    assert reason_in_words(Reason(code)) == english
    with i18n.in_language("de"):
        assert reason_in_words(Reason(code)) == german


@pytest.mark.parametrize(
    ("reason", "english", "german"),
    [
        (missing(EMBED), "the Embed Links permission. ", "die Berechtigung „Links einbetten“. "),
        (
            missing(VIEW, SEND, EMBED),
            "the View Channel permission (I also need Send Messages and Embed Links). ",
            "„Kanal ansehen“ (außerdem brauche ich „Nachrichten senden“ und „Links einbetten“). ",
        ),
        (
            missing(IN_THREADS, EMBED, kind=ChannelKind.THREAD),
            "the Send Messages in Threads permission (I also need Embed Links). ",
            "„Nachrichten in Threads senden“ (außerdem brauche ich „Links einbetten“). ",
        ),
        (
            missing(SEND, EMBED, kind=ChannelKind.FORUM),
            "the Create Posts permission (I also need Embed Links). ",
            "„Posts erstellen“ (außerdem brauche ich „Links einbetten“). ",
        ),
    ],
)
def test_a_missing_permission_is_called_what_discord_calls_it(
    reason: Reason, english: str, german: str
) -> None:
    assert english in reason_in_words(reason)
    with i18n.in_language("de"):
        assert german in reason_in_words(reason)


@pytest.mark.parametrize("permissions", [(EMBED,), (VIEW, EMBED)])
@pytest.mark.parametrize(
    ("kind", "where"),
    [
        (ChannelKind.CHANNEL, "Grant it in the channel's settings, under Permissions."),
        (ChannelKind.FORUM, "Grant it in the channel's settings, under Permissions."),
        (ChannelKind.THREAD, "Grant it in the settings of the thread's parent channel, under Permissions."),
    ],
)
def test_a_missing_permission_is_granted_where_discord_sets_it(
    permissions: tuple[Permission, ...], kind: ChannelKind, where: str
) -> None:
    assert reason_in_words(missing(*permissions, kind=kind)).endswith(f" {where}")


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"status": 503}, "Discord responded with HTTP 503"),
        ({"status": 502, "detail": "Bad Gateway"}, "Discord responded with HTTP 502: Bad Gateway"),
        (
            {"status": 400, "error": 50035, "detail": "Invalid Form Body"},
            "Discord responded with HTTP 400, error 50035: Invalid Form Body",
        ),
    ],
)
def test_what_discord_answered_is_told_as_far_as_it_is_known(facts: dict[str, object], said: str) -> None:
    assert reason_in_words(Reason(ReasonCode.DISCORD_ERROR, **facts)) == said  # type: ignore[arg-type]
    refused = reason_in_words(Reason(ReasonCode.POSTING_REFUSED, **facts))  # type: ignore[arg-type]
    assert refused == f"Discord does not let me post here ({said})."


def test_the_log_is_english_whatever_the_channel_speaks() -> None:
    with i18n.in_language("de"):
        assert reason_in_english(Reason(ReasonCode.BOT_REMOVED)) == "I was removed from the server."
        assert permission_name(VIEW, ChannelKind.CHANNEL) == "„Kanal ansehen“"


def test_no_reason_is_no_words() -> None:
    assert reason_in_words(None) == ""
