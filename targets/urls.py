"""Routes of targets: pages and API."""

from django.urls import path

from targets.api import bargaining as bargaining_api
from targets.api import definitions as definitions_api
from targets.api import floors, plans, simulators, tasks
from targets.views import (
    annual,
    bargaining,
    definitions,
    exchange,
    floor,
    indicators,
    pictures,
    sheets,
)

pages = [
    path("targets/annual/", annual.annual_targets, name="annual_targets"),
    path("targets/annual/<int:year>/", annual.annual_targets, name="annual_targets_of_year"),
    path("targets/annual/<int:year>/release/", annual.release, name="plan_release"),
    path("targets/annual/<int:year>/rows/", annual.add_row, name="annual_target_add"),
    path("targets/annual/<int:year>/last-year/", annual.fill, name="annual_targets_fill"),
    path("targets/annual/<int:year>/undo/", annual.undo, name="annual_targets_undo"),
    path("targets/annual/<int:year>/floor/", floor.floor_calculator, name="floor_calculator"),
    path("targets/annual/<int:year>/pictures/", pictures.plan_pictures, name="plan_pictures"),
    path("targets/annual/open/", annual.open_year, name="plan_open"),
    path("targets/sheets/", sheets.task_sheets, name="task_sheets"),
    path("targets/sheets/<int:year>/<str:code>/", sheets.task_sheet, name="task_sheet"),
    path(
        "targets/sheets/<int:year>/<str:code>/breakdown/",
        sheets.break_down_sheet,
        name="task_sheet_breakdown",
    ),
    path(
        "targets/sheets/<int:year>/<str:code>/propose/",
        sheets.propose_weights,
        name="task_sheet_propose",
    ),
    path(
        "targets/sheets/<int:year>/<str:code>/roll-forward/",
        sheets.roll_sheet_forward,
        name="task_sheet_roll_forward",
    ),
    path(
        "targets/sheets/<int:year>/<str:code>/export.xlsx",
        sheets.export_sheet,
        name="task_sheet_export",
    ),
    path("targets/excel/<int:year>/", exchange.batches, name="plan_excel"),
    path("targets/excel/<int:year>.xlsx", exchange.export, name="plan_export"),
    path("targets/excel/files/<int:pk>/", exchange.batch, name="plan_batch"),
    path("targets/excel/files/<int:pk>/faults.xlsx", exchange.faulty_file, name="plan_batch_file"),
    path("targets/excel/files/<int:pk>/rollback/", exchange.undo, name="plan_batch_undo"),
    path("targets/answers/", bargaining.answers, name="plan_answers_now"),
    path("targets/answers/<int:year>/", bargaining.answers, name="plan_answers"),
    path("targets/answers/<int:year>/accept/", bargaining.accept, name="plan_accept"),
    path("targets/answers/<int:year>/<str:code>/", bargaining.propose, name="plan_propose"),
    path("targets/proposals/<int:pk>/", bargaining.decide, name="proposal_decide"),
    path("targets/proposals/<int:pk>/withdraw/", bargaining.withdraw, name="proposal_withdraw"),
    path("targets/versions/<int:year>/<int:version>/", bargaining.version, name="plan_version"),
    path("targets/indicators/", indicators.indicators, name="indicators"),
    path("targets/indicators/new/", definitions.new, name="indicator_new"),
    path("targets/indicators/<slug:code>/remove/", definitions.remove, name="indicator_remove"),
    path("targets/indicators/<slug:code>/", indicators.indicator, name="indicator"),
    path("targets/indicators/<slug:code>/draft/", definitions.edit, name="definition_edit"),
    path("targets/indicators/<slug:code>/publish/", definitions.publish, name="definition_publish"),
    path("targets/indicators/<slug:code>/discard/", definitions.discard, name="definition_discard"),
]
api = [
    path("plans/<int:year>/targets/", plans.AnnualTargetsView.as_view(), name="api_annual_targets"),
    path(
        "plans/<int:year>/targets/cells/", plans.AnnualCellsView.as_view(), name="api_annual_cells"
    ),
    path("plans/<int:year>/breakdown/", tasks.BreakdownView.as_view(), name="api_breakdown"),
    path(
        "plans/<int:year>/roll-forward/", tasks.RollForwardView.as_view(), name="api_roll_forward"
    ),
    path(
        "plans/<int:year>/sheets/<str:code>/cells/",
        tasks.SheetCellsView.as_view(),
        name="api_sheet_cells",
    ),
    path(
        "plans/<int:year>/sheets/<str:code>/locks/",
        tasks.SheetLocksView.as_view(),
        name="api_sheet_locks",
    ),
    path(
        "plans/<int:year>/answers/", bargaining_api.AnswersView.as_view(), name="api_plan_answers"
    ),
    path("plans/<int:year>/accept/", bargaining_api.AcceptView.as_view(), name="api_plan_accept"),
    path(
        "plans/<int:year>/proposals/",
        bargaining_api.ProposalsView.as_view(),
        name="api_proposals",
    ),
    *[
        path(
            f"proposals/<int:pk>/{step}/",
            bargaining_api.ProposalStepView.as_view(),
            {"step": step},
            name=f"api_proposal_{step}",
        )
        for step in ("withdraw", "agree", "insist")
    ],
    path(
        "plans/<int:year>/versions/<int:version>/",
        bargaining_api.VersionView.as_view(),
        name="api_plan_version",
    ),
    path("tasks/", tasks.TasksView.as_view(), name="api_tasks"),
    path("indicators/", definitions_api.IndicatorsView.as_view(), name="api_indicators"),
    path(
        "indicators/<slug:code>/",
        definitions_api.IndicatorCardView.as_view(),
        name="api_indicator",
    ),
    path(
        "indicators/<slug:code>/draft/",
        definitions_api.DefinitionDraftView.as_view(),
        name="api_definition_draft",
    ),
    path(
        "indicators/<slug:code>/publish/",
        definitions_api.PublishDefinitionView.as_view(),
        name="api_definition_publish",
    ),
    path(
        "simulate/breakdown/",
        simulators.SimulateBreakdownView.as_view(),
        name="api_simulate_breakdown",
    ),
    path(
        "simulate/floor-chain/",
        floors.SimulateFloorChainView.as_view(),
        name="api_simulate_floor_chain",
    ),
    path("simulate/floor/", simulators.SimulateFloorView.as_view(), name="api_simulate_floor"),
]
