"""Addresses of the portal."""

from django.urls import include, path

from innozone.portal.api.v1 import api, missing
from innozone.portal.views import (
    allocations,
    cockpit,
    data,
    enterprises,
    evaluations,
    following,
    home,
    messages,
    operation,
    policies,
    rounds,
    sandboxes,
    versions,
    workbench,
)

handler400 = "innozone.portal.views.errors.bad_request"
handler403 = "innozone.portal.views.errors.forbidden"
handler404 = "innozone.portal.views.errors.not_found"
handler500 = "innozone.portal.views.errors.failed"


urlpatterns = [
    path("healthz", operation.healthz),
    path("metrics", operation.metrics),
    # The public site
    path("", home.home, name="home"),
    path("search/", home.search, name="search"),
    path("help/", home.help_page, name="help"),
    path("policies/", policies.policies, name="policies"),
    path("policies/changes/", policies.changes, name="policy_changes"),
    path("policies/changes.atom", policies.feed, name="policy_feed"),
    path("policies/tree/", evaluations.tree, name="policy_tree"),
    path("policies/<str:code>/", policies.policy, name="policy"),
    path("policies/<str:code>/compare/", versions.compare, name="policy_compare"),
    path("following/", following.mine, name="following"),
    path("following/<int:pk>/", following.message, name="following_message"),
    path("follow/", following.follow, name="follow"),
    path("consultations/", rounds.rounds, name="rounds"),
    path("consultations/<int:pk>/", rounds.one, name="round"),
    path("consultations/<int:pk>/answer/", rounds.answer, name="round_answer"),
    path("consultations/<int:pk>/conclude/", rounds.conclude, name="round_conclude"),
    path("evaluations/", evaluations.every, name="evaluations"),
    path("evaluations/<int:pk>/", evaluations.one, name="evaluation"),
    path("payments/", evaluations.payments, name="payments"),
    # One enterprise, for itself and for those who work with its facts
    path("my/", enterprises.mine, name="my_enterprise"),
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/<int:pk>/", enterprises.enterprise, name="enterprise"),
    path("enterprises/<int:pk>/ways/", enterprises.near_ways, name="enterprise_near_ways"),
    path("enterprises/<int:pk>/items/<str:code>/", enterprises.item, name="enterprise_item"),
    path("enterprises/<int:pk>/items/<str:code>/points/", enterprises.points, name="enterprise_points"),
    path("enterprises/<int:pk>/items/<str:code>/ways/", enterprises.item_ways, name="enterprise_item_ways"),
    path("enterprises/<int:pk>/facts/", enterprises.facts, name="enterprise_facts"),
    path("enterprises/<int:pk>/facts/<str:variable>/<int:year>/", enterprises.fact, name="fact"),
    path("enterprises/<int:pk>/records/<str:code>/", enterprises.records, name="enterprise_records"),
    path("enterprises/<int:pk>/messages/", enterprises.notices, name="enterprise_messages"),
    path("enterprises/<int:pk>/messages/settings/", messages.settings, name="enterprise_message_settings"),
    path("enterprises/<int:pk>/messages/<int:notice>/", enterprises.notice, name="enterprise_message"),
    path("enterprises/<int:pk>/consultations/", rounds.of_enterprise, name="enterprise_rounds"),
    path("enterprises/<int:pk>/consultations/<int:round>/", rounds.speak, name="enterprise_round"),
    path("enterprises/<int:pk>/objections/", enterprises.objections, name="enterprise_objections"),
    path("messages/opened/<str:token>/", messages.opened, name="message_opened"),
    path("messages/unsubscribe/<str:token>/", messages.unsubscribe, name="message_unsubscribe"),
    # What has been pushed
    path("pushes/", messages.pushes, name="pushes"),
    path("pushes/messages/", messages.sent, name="notices_sent"),
    # Work with data
    path("objections/", data.objections, name="objections"),
    path("objections/<int:pk>/", data.objection, name="objection"),
    path("conflicts/", data.conflicts, name="conflicts"),
    path("deliveries/", data.deliveries, name="deliveries"),
    path("deliveries/<int:pk>/", data.delivery, name="delivery"),
    path("deliveries/<int:pk>/progress/", data.progress, name="delivery_progress"),
    path("deliveries/<int:pk>/rejected.csv", data.rejected_file, name="delivery_rejected"),
    path("rejected/", data.rejected, name="rejected"),
    path("datasets/", data.datasets, name="datasets"),
    path("datasets/<str:code>/", data.dataset, name="dataset"),
    path("dictionary/", data.variables, name="variables"),
    path("dictionary/<str:code>/", data.variable, name="variable"),
    # Work with policies
    path("workbench/", workbench.workbench, name="workbench"),
    path("workbench/words/", workbench.words, name="workbench_words"),
    path("workbench/check/", workbench.check, name="workbench_check"),
    path("workbench/<str:code>/", workbench.policy, name="workbench_policy"),
    path("workbench/<str:code>/consult/", rounds.consult, name="workbench_consult"),
    path("workbench/<str:code>/publish/", versions.publish, name="workbench_publish"),
    path("workbench/<str:code>/restore/", versions.restore, name="workbench_restore"),
    path("workbench/<str:code>/end/", versions.end, name="workbench_end"),
    path("workbench/<str:code>/confirm/", workbench.confirm, name="workbench_confirm"),
    path("workbench/<str:code>/preview/<str:item>/", workbench.preview, name="workbench_preview"),
    path("allocations/", allocations.pots, name="allocations"),
    path("allocations/<str:code>/", allocations.allocation, name="allocation"),
    path("sandbox/", sandboxes.rules_to_try, name="sandboxes"),
    path("sandbox/<str:code>/", sandboxes.sandbox, name="sandbox"),
    path("sandbox/<str:code>/curve/", sandboxes.curve, name="sandbox_curve"),
    path("sandbox/<str:code>/enterprises/", sandboxes.changes, name="sandbox_changes"),
    path("sandbox/<str:code>/scenarios/", sandboxes.keep, name="sandbox_keep"),
    path("sandbox/<str:code>/scenarios/<int:pk>/drop/", sandboxes.drop, name="sandbox_drop"),
    path("sandbox/<str:code>/scenarios/<int:pk>/draft/", sandboxes.take_over, name="sandbox_take_over"),
    path("cockpit/", cockpit.cockpit, name="cockpit"),
    # Accounts and what all pages share
    path("accounts/", include("allauth.urls")),
    path("", include("innozone.foundation.access.urls")),
    path("desks/", include("innozone.foundation.desks.urls")),
    path("api/v1/", api.urls),
    path("api/v1/<path:path>", missing),
]
