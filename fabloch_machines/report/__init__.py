from . import machine_report
from . import machine_cost
from . import machine_cost_report
