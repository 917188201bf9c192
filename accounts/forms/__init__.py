"""What people type on the account pages, folded and checked."""

from accounts.forms.figures import FiguresForm
from accounts.forms.person import (
    ActivationForm,
    ChangePasswordForm,
    EmailForm,
    LoginForm,
    PersonForm,
    RescueForm,
    ResetForm,
    TokenForm,
)
from accounts.forms.unit import HandOverForm, InvitationForm, ProfileForm, RegistrationForm

__all__ = [
    "ActivationForm",
    "ChangePasswordForm",
    "EmailForm",
    "FiguresForm",
    "HandOverForm",
    "InvitationForm",
    "LoginForm",
    "PersonForm",
    "ProfileForm",
    "RegistrationForm",
    "RescueForm",
    "ResetForm",
    "TokenForm",
]
