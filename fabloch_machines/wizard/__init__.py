from . import closure_plan
from . import holidays_add
