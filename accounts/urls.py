from django.urls import path

from accounts.views import account, again, entering, passwords, second, unit

app_name = "accounts"
urlpatterns = [
    path("register/", entering.register, name="register"),
    path("registered/", entering.registered, name="registered"),
    path("verify/<str:token>/", entering.verify_email, name="verify_email"),
    path("resend/", entering.resend, name="resend"),
    path("login/", entering.login, name="login"),
    path("logout/", entering.logout, name="logout"),
    path("activate/<str:token>/", entering.activate, name="activate"),
    path("demo/<str:token>/", entering.demo_login, name="demo_login"),
    path("forgot/", passwords.forgot, name="forgot"),
    path("reset/<str:token>/", passwords.reset, name="reset"),
    path("factor/", second.second_factor, name="second_factor"),
    path("factor/set-up/", second.set_up, name="factor_set_up"),
    path("factor/begin/", second.begin, name="factor_begin"),
    path("factor/qr.svg", second.qr, name="factor_qr"),
    path("factor/codes/", second.renew_codes, name="factor_codes"),
    path("security/", account.security, name="security"),
    path("security/password/", passwords.change, name="password"),
    path("rescue/", account.rescue, name="rescue"),
    path("switch/", account.switch, name="switch"),
    path("large-text/", account.large_text, name="large_text"),
    path("login/again/", again.sign_in_again, name="sign_in_again"),
    path("keep-alive/", account.keep_alive, name="keep_alive"),
    path("unit/", unit.organisation, name="organisation"),
    path("unit/people/", unit.colleagues, name="people"),
    path("unit/people/invite/", unit.invite, name="invite"),
    path("unit/people/<int:pk>/role/", unit.change_role, name="change_role"),
    path("unit/invitations/<int:pk>/resend/", unit.resend, name="resend_invitation"),
    path("roles/<int:pk>/leave/", unit.leave, name="leave"),
    path("unit/people/<int:pk>/end/", unit.end, name="end_membership"),
    path("unit/people/<int:pk>/may-submit/", unit.may_submit, name="may_submit"),
    path("unit/invitations/<int:pk>/revoke/", unit.revoke, name="revoke"),
    path("unit/hand-over/", unit.hand_over, name="hand_over"),
]
