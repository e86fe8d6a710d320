"""E-mail through Django's backend: SMTP where the city set it up, otherwise the log."""

import hashlib
import smtplib
import ssl
from smtplib import SMTPAuthenticationError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from zhulian.desk.channels.line import Words
from zhulian.desk.rules import DeskError
from zhulian.vocabulary.errors import Text

_REFUSED = Text("请核对收件人的邮箱地址。", "Check the recipient's address.")
_SETTINGS = Text("请核对 ZHULIAN_SMTP_* 各项设置。", "Check the settings ZHULIAN_SMTP_*.")
_AGAIN = Text("平台会自动重试；若一直如此，请核对 ZHULIAN_SMTP_* 各项设置。",
              "It is tried again by itself; if this lasts, check the settings ZHULIAN_SMTP_*.")  # fmt: skip


def mail(words: Words, address: str) -> None:
    """Send one e-mail; returns when the server has taken it. ``Message-ID`` is the same when it is sent again."""
    one = " ".join(words.title.split())
    body = "\n\n".join(filter(None, (words.body, f"{words.link_words} {words.link}".strip() if words.link else "")))
    number = hashlib.sha256(words.key.encode()).hexdigest()[:32]
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(">") or "zhulian"
    message = EmailMessage(one, body, to=[address], headers={"Message-ID": f"<{number}@{domain}>"})
    try:
        message.send()
    except SMTPAuthenticationError as fault:
        raise _fault("smtp_sign_in", "邮件服务器不认这个账号或密码", "the mail server refused account or password",
                     _SETTINGS) from fault  # fmt: skip
    except SMTPRecipientsRefused as fault:
        raise _fault("smtp_recipient", "邮件服务器不接受这个收件人", "the mail server refused the recipient",
                     _REFUSED) from fault  # fmt: skip
    except ssl.SSLError as fault:
        raise _fault("smtp_certificate", "邮件服务器的加密方式或证书不符", "encryption or certificate do not fit",
                     _SETTINGS) from fault  # fmt: skip
    except (smtplib.SMTPException, OSError) as fault:
        raise _fault("smtp_unreachable", "邮件服务器连不上或中途断开", "the mail server was not reached or hung up",
                     _AGAIN) from fault  # fmt: skip


def _fault(code: str, zh: str, en: str, next_step: Text) -> DeskError:
    return DeskError(code, Text(f"邮件没有发出：{zh}。", f"The e-mail was not sent: {en}."), next_step)
