"""What each figure on capacity, cost and changes means. `docs/definitions.md`, "Performance and capacity"."""

from __future__ import annotations

from postlaunch.facts import Definition

# --- what the pods use --------------------------------------------------------------------------------

PODS_RUNNING = Definition(
    name="pods_running",
    title="Pods",
    statement="pods sampled in each sampling interval of the window's last day, median over the intervals",
    unit="count",
)
POD_MEMORY_LIMIT = Definition(
    name="pod_memory_limit",
    title="Memory limit of a pod",
    statement="median of the samples of the window's last day",
    unit="bytes",
)
POD_CPU_LIMIT = Definition(
    name="pod_cpu_limit",
    title="CPU limit of a pod, in cores",
    statement="median of the samples of the window's last day",
    unit="number",
)
POD_POOL_SIZE = Definition(
    name="pod_pool_size",
    title="Database connections of a pod",
    statement="size of the pool: median of the samples of the window's last day",
    unit="count",
)
HOUR_PODS = Definition(
    name="day_hour_pods",
    title="Pods in the hour of the day",
    statement="pods sampled in each interval, mean over the intervals of this hour of the day",
    unit="number",
)
HOUR_MEMORY = Definition(
    name="day_hour_memory",
    title="Memory of a pod in the hour of the day",
    statement="mean over the samples of this hour of the day",
    unit="bytes",
)
HOUR_CPU = Definition(
    name="day_hour_cpu",
    title="CPU of a pod in the hour of the day, in cores",
    statement="mean over the samples of this hour of the day",
    unit="number",
)
HOUR_POOL = Definition(
    name="day_hour_pool",
    title="Database connections of a pod in the hour of the day",
    statement="mean of those in use over the samples of this hour of the day",
    unit="number",
)
DISK_USED = Definition(
    name="disk_used",
    title="Disk used",
    statement="disk used by all pods together: mean of a pod's samples of the window's last day, summed",
    unit="bytes",
)

# --- cost ---------------------------------------------------------------------------------------------

COST_A_MONTH = Definition(
    name="cost_a_month",
    title="Cost a month",
    statement="sum of the cost lines of the window ÷ days that have one × 30.44 (365.2425 ÷ 12)",
    unit="money",
    better="lower",
)
SERVICE_COST_A_MONTH = Definition(
    name="service_cost_a_month",
    title="Cost a month",
    statement="sum of the service's cost lines of the window ÷ days that have a line × 30.44 (365.2425 ÷ 12)",
    unit="money",
    better="lower",
)
POD_COST_A_MONTH = Definition(
    name="pod_cost_a_month",
    title="Cost of a pod a month",
    statement=(
        "for each service that is paid by pods (by containers, else by instances, where the bill has no "
        "pods): sum of its lines ÷ pod-days paid for × 30.44; summed over these services"
    ),
    unit="money",
    better="lower",
)
PODS_PAID = Definition(
    name="pods_paid",
    title="Pods paid for",
    statement="pod-days paid for ÷ days, of the service that has most of them",
    unit="number",
)

# --- changes ------------------------------------------------------------------------------------------

CHANGES = Definition(
    name="changes",
    title="Changes",
    statement="recorded deployments, changes of configuration, restarts, migrations, maintenance, rollbacks",
    unit="count",
)
CHANGES_OF_KIND = Definition(
    name="changes_of_kind",
    title="Changes of the kind",
    statement="recorded changes of this kind that began in the window",
    unit="count",
)
CHANGE_AT = Definition(
    name="change_at", title="Changed at", statement="moment at which the change began", unit="moment"
)
