from . import donation_report
from . import mandate_report
from . import promise_report
from . import unpaid_report
from . import forecast_report
