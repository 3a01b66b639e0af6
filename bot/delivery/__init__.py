"""From the outbox to Discord: sends, edits and crossposts messages, and settles each by Discord's answer.

It does not decide which papers a channel gets; that was decided when the message was queued.
"""
