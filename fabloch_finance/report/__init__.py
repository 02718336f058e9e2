from . import revenue_report
from . import self_financing_report
from . import unpaid_report
