from . import machines_demo
from . import cost_demo
from . import rate_scenario_demo
