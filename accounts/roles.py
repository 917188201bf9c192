"""The closed list of roles. A person holds a role in an organisation, from one day to another."""

from django.db.models import TextChoices


class Role(TextChoices):
    UNIT_ADMIN = "unit_admin", "单位管理员"
    EDITOR = "editor", "填报人"
    VIEWER = "viewer", "查看"
    REC_OPERATOR = "rec_operator", "推荐经办"
    REC_APPROVER = "rec_approver", "推荐审批"
    OFFICE_OPERATOR = "office_operator", "主管经办"
    OFFICE_APPROVER = "office_approver", "主管审批"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDITOR = "auditor", "审计"
    EXPERT = "expert", "评审专家"
    PANEL_LEAD = "panel_lead", "评审组长"
    TESTER = "tester", "测评人员"


APPLICANT = (Role.UNIT_ADMIN, Role.EDITOR, Role.VIEWER)
FILING = (Role.UNIT_ADMIN, Role.EDITOR)
RECOMMENDER = (Role.REC_OPERATOR, Role.REC_APPROVER)
OFFICE = (Role.OFFICE_OPERATOR, Role.OFFICE_APPROVER)
EXPERT = (Role.EXPERT, Role.PANEL_LEAD)
ADMIN = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
# 等保三级: of these one person holds one, in one place. No exception.
APART = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR)
APART_RULE = "网络安全等级保护三级：系统管理、安全管理、审计管理分设"
# 等保三级: these sign in with a second factor.
SECOND_FACTOR = (*RECOMMENDER, *OFFICE, *EXPERT, *ADMIN, Role.AUDITOR, Role.TESTER)
