"""Routes of field work: pages and API, a block for each group of pages."""

from django.urls import path

from fieldwork.api import accounts as accounts_api
from fieldwork.views import accounts

_ACCOUNT = "field/accounts/<slug:code>/"

pages = [
    path("field/accounts/", accounts.accounts, name="field_accounts"),
    path("field/accounts/export.xlsx", accounts.export, name="field_accounts_export"),
    path("field/accounts/new/", accounts.write, name="field_account_new"),
    path("field/accounts/import/", accounts.take_in, name="field_accounts_import"),
    path(_ACCOUNT, accounts.account, name="field_account"),
    path(_ACCOUNT + "edit/", accounts.edit, name="field_account_edit"),
    path(_ACCOUNT + "move/", accounts.move, name="field_account_move"),
    path(_ACCOUNT + "remove/", accounts.remove, name="field_account_remove"),
]

api = [
    path("field/accounts/", accounts_api.AccountsView.as_view(), name="api_field_accounts"),
    path(_ACCOUNT, accounts_api.AccountView.as_view(), name="api_field_account"),
    path(_ACCOUNT + "move/", accounts_api.StepView.as_view(), name="api_field_account_move"),
]
