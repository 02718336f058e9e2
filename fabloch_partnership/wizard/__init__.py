from . import convention_terminate
from . import convention_sign
from . import (
    donation_cancel,
    donation_promise,
    donation_receive,
    donation_split,
)
