from __future__ import annotations

import time
from base64 import b32encode
from datetime import date, datetime
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from accounts import recovery, totp
from accounts.roles import APART, Role
from core.locking import Locked


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser):  # type: ignore[django-manager-missing]  # of a device, untyped
    """One person. Nobody shares an account, and no password is ever made for anybody."""

    email = models.EmailField("邮箱", unique=True)
    name = models.CharField("姓名", max_length=50)
    phone = models.CharField("手机号", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    email_verified_at = models.DateTimeField("邮箱验证时间", null=True, blank=True)
    large_text = models.BooleanField("大字", default=False)
    created_at = models.DateTimeField("注册时间", null=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "用户"

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """A unit: who files, who recommends, who runs the programme, who tests."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "企业"
        UNIVERSITY = "university", "高等院校"
        INSTITUTE = "institute", "科研院所"
        OTHER = "other", "其他法人"
        PROVINCE = "province", "省级主管部门"
        SEPARATE_CITY = "separate_city", "计划单列市主管部门"
        CORPS = "corps", "兵团主管部门"
        CITY = "city", "市级主管部门"
        DISTRICT = "district", "区县主管部门"
        CENTRAL_GROUP = "central_group", "中央企业集团"
        MINISTRY_BODY = "ministry_body", "部属单位"
        INDUSTRY_BODY = "industry_body", "行业组织"
        OFFICE = "office", "主管部门"
        AGENCY = "agency", "测评机构"
        POOL = "pool", "专家库"

    kind = models.CharField("单位类型", max_length=20, choices=Kind.choices)
    key = models.CharField("代号", max_length=30, blank=True)
    name = models.CharField("单位名称", max_length=100)
    code = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    region = models.CharField("所在地区", max_length=6, blank=True, db_index=True)
    address = models.CharField("地址", max_length=200, blank=True)
    profile = models.JSONField("单位资料", default=dict, blank=True)
    created_at = models.DateTimeField("登记时间", null=True)
    merged_into = models.ForeignKey(
        "self",
        verbose_name="并入",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged",
    )
    merged_at = models.DateTimeField("并入时间", null=True, blank=True)

    class Meta:
        verbose_name = "单位"
        constraints = [
            models.UniqueConstraint(
                name="organisation_key_once", fields=["key"], condition=~Q(key="")
            ),
            models.CheckConstraint(
                name="organisation_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
            ),
            models.CheckConstraint(
                name="organisation_merged_has_time",
                condition=Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_on(self, day: date) -> str:
        """The name the unit bore on ``day``; today's name where no other is known."""
        dated = self.names.filter(valid_from__lte=day).order_by("-valid_from").first()
        if dated and (dated.valid_until is None or day < dated.valid_until):
            return dated.name
        return self.name

    @property
    def former_names(self) -> list[str]:
        """The names it bore before the present one (曾用名), the latest first."""
        past = [one for one in self.names.all() if one.name != self.name and one.valid_until]
        past.sort(key=lambda one: one.valid_from, reverse=True)
        return list(dict.fromkeys(one.name for one in past))


APPLICANT_KINDS = (
    Organisation.Kind.ENTERPRISE,
    Organisation.Kind.UNIVERSITY,
    Organisation.Kind.INSTITUTE,
    Organisation.Kind.OTHER,
)
RECOMMENDER_KINDS = (
    Organisation.Kind.PROVINCE,
    Organisation.Kind.SEPARATE_CITY,
    Organisation.Kind.CORPS,
    Organisation.Kind.CENTRAL_GROUP,
    Organisation.Kind.MINISTRY_BODY,
    Organisation.Kind.INDUSTRY_BODY,
)


class OrganisationName(models.Model):
    """A name a unit bore for a time. ``valid_until`` is the first day it bore it no more.

    ``code`` is the code it had under that name, where it is another than today's.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="names")
    name = models.CharField("名称", max_length=100)
    code = models.CharField("统一社会信用代码", max_length=18, blank=True, db_index=True)
    valid_from = models.DateField("启用日")
    valid_until = models.DateField("停用日", null=True, blank=True)

    class Meta:
        verbose_name = "曾用名"
        constraints = [
            models.CheckConstraint(
                name="organisation_name_span",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, at: datetime) -> MembershipQuerySet:
        return self.filter(valid_from__lte=at).filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=at)
        )

    def people(self) -> list[User]:
        """Whose roles these are, each person once, in their order."""
        return list({one.user_id: one.user for one in self.select_related("user")}.values())


class Membership(models.Model):
    """A role of a person in a unit, from an instant until another (half-open)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    may_submit = models.BooleanField("可提交", default=False)
    valid_from = models.DateTimeField("生效时间")
    valid_until = models.DateTimeField("失效时间", null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.UniqueConstraint(
                name="membership_held_once",
                fields=["user", "organisation", "role"],
                condition=Q(valid_until__isnull=True),
            ),
            models.CheckConstraint(
                name="membership_span",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(name="membership_role_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(
                name="membership_administrators_apart",
                fields=["user"],
                condition=Q(valid_until__isnull=True, role__in=[role.value for role in APART]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.organisation}"

    def is_active(self, at: datetime) -> bool:
        """As ``MembershipQuerySet.active``, of one that has been read."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


class Link(models.Model):
    """A link sent to one address: to activate an account, to verify an address (used once), to
    answer one survey for one unit (until it expires).

    Only the SHA-256 of its token is kept.
    """

    class Purpose(models.TextChoices):
        ACTIVATE = "activate", "激活账号"
        VERIFY = "verify", "验证邮箱"
        RESET = "reset", "重设密码"
        DEMO = "demo", "演示登录"
        SURVEY = "survey", "填报调查"

    purpose = models.CharField("用途", max_length=10, choices=Purpose.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    email = models.EmailField("邮箱")
    name = models.CharField("姓名", max_length=50, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="links"
    )
    role = models.CharField("角色", max_length=20, choices=Role.choices, blank=True)
    may_submit = models.BooleanField("可提交", default=False)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="links")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField("生成时间")
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("使用时间", null=True)
    revoked_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "一次性链接"

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.email}"


class SavedView(models.Model):
    """A person's own name for the filters and columns of a list page, kept as its query string.

    ``page`` is the route of the page. What was removed stays for a while, so that it can be
    taken back; ``former_name`` is the name before the last renaming, for the same reason.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField("页面", max_length=60)
    name = models.CharField("名称", max_length=20)
    query = models.CharField("条件", max_length=1000)
    former_name = models.CharField("原名称", max_length=20, blank=True)
    created_at = models.DateTimeField("保存时间")
    removed_at = models.DateTimeField("删除时间", null=True)

    class Meta:
        verbose_name = "常用视图"
        constraints = [
            models.UniqueConstraint(
                name="saved_view_name_once",
                fields=["user", "page", "name"],
                condition=Q(removed_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """A person is away from a role for a time, and a colleague stands in for them.

    ``cover`` is the deputy's own membership in that role, which begins and ends with the absence;
    what the deputy does is done under their own name.
    """

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="absences")
    cover = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="covers")
    since = models.DateTimeField("开始")
    until = models.DateTimeField("结束")
    reason = models.CharField("事由", max_length=100)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("提前结束", null=True)

    class Meta:
        verbose_name = "请假代办"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(name="absence_has_length", condition=Q(until__gt=F("since"))),
        ]

    def __str__(self) -> str:
        return f"{self.membership} {self.since:%Y-%m-%d}"


class Authenticator(TimestampMixin, ThrottlingMixin, Device):
    """A person's second factor: time-based codes of six figures (TOTP, RFC 6238).

    The secret must be readable to be checked, so it is kept locked (``accounts.totp``), never in
    clear. Each code is good once: ``last_t`` is the step of the last one taken, ``drift`` how many
    steps the person's clock goes wrong.
    """

    step, t0, digits, tolerance = 30, 0, 6, 1

    secret = models.TextField("密钥（加密）")
    drift = models.SmallIntegerField("时钟偏差", default=0)
    last_t = models.BigIntegerField("最近一次的时间步", default=-1)

    class Meta:
        verbose_name = "身份验证器"
        constraints = [
            models.CheckConstraint(
                name="authenticator_secret_is_locked", condition=Q(secret__startswith="gAAAA")
            ),
        ]

    @classmethod
    def of(cls, user: User, *, name: str = "身份验证器", confirmed: bool = False) -> Authenticator:
        """A new one with a secret of its own, kept."""
        secret = totp.sealed(totp.drawn(), user=user.pk)
        made: Authenticator = cls.objects.create(
            user=user, name=name, confirmed=confirmed, secret=secret
        )
        return made

    @property
    def bin_key(self) -> bytes:
        """The secret. Raises ``core.locking.Locked``."""
        return totp.opened(self.secret, user=self.user_id)

    @property
    def is_readable(self) -> bool:
        """Whether a key of the settings opens it: not so where a backup came without its key."""
        try:
            return bool(self.bin_key)
        except Locked:
            return False

    @property
    def config_url(self) -> str:
        """What an authenticator scans."""
        label = quote(f"{settings.OTP_TOTP_ISSUER}:{self.user.get_username()}")
        asked = {
            "secret": b32encode(self.bin_key).decode(),
            "algorithm": "SHA1",
            "digits": self.digits,
            "period": self.step,
            "issuer": settings.OTP_TOTP_ISSUER,
        }
        return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"

    def get_throttle_factor(self) -> int:
        return 1

    def verify_token(self, token: str) -> bool:
        """Take a code. One that cannot be judged, since no key opens the secret, is not wrong."""
        allowed, _ = self.verify_is_allowed()
        if not allowed or not self.is_readable:
            return False
        asked = TOTP(self.bin_key, self.step, self.t0, self.digits, self.drift)
        asked.time = time.time()
        if not (
            len(token) == self.digits
            and token.isdecimal()
            and asked.verify(int(token), self.tolerance, self.last_t + 1)
        ):
            self.throttle_increment()
            return False
        self.last_t, self.drift = asked.t(), asked.drift
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True


class RecoverySet(ThrottlingMixin, Device):
    """A person's recovery codes, in the place of their device. Only salted hashes are kept.

    django-otp finds it with the person's other devices. Wrong codes make the next try wait
    longer, like those of a device.
    """

    salt = models.CharField(max_length=32, default=recovery.salt)

    class Meta:
        verbose_name = "恢复码"
        constraints = [models.UniqueConstraint(name="recovery_set_once", fields=["user"])]

    def get_throttle_factor(self) -> int:
        return 1

    def verify_token(self, token: str) -> bool:
        """Take a code, which is then used up; of two at once with the same code one is taken."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        taken = 0
        if recovery.may_be_code(token):
            kept = self.codes.filter(digest=recovery.digest(token, self.salt))
            taken = kept.delete()[0]
        if taken:
            self.throttle_reset()
        else:
            self.throttle_increment()
        return bool(taken)


class RecoveryCode(models.Model):
    """One code that was not used yet."""

    of = models.ForeignKey(RecoverySet, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = "未用的恢复码"
        constraints = [
            models.UniqueConstraint(name="recovery_code_once", fields=["of", "digest"]),
        ]

    def __str__(self) -> str:
        return str(self.of)


class Session(AbstractBaseSession):
    """A sign-in, or a visitor's few notes (``user`` unset). Written by ``accounts.sessions``."""

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        verbose_name = "登录会话"

    @classmethod
    def get_session_store_class(cls) -> type:
        from accounts.sessions import SessionStore

        return SessionStore
