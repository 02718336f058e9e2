from . import finance_demo
from . import volunteer_demo
from . import budget_demo
