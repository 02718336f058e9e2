from . import machines_demo
from . import cost_demo
