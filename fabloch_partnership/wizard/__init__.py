from . import (
    donation_cancel,
    donation_promise,
    donation_receive,
    donation_split,
)
