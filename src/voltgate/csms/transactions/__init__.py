"""Block E, transactions: owns every transaction and every event of it.

Stored first, judged second: nothing a station says about a transaction is refused. What cannot be right becomes a doubt and an alarm.
`model` says how a transaction grows out of its events in any order.
"""

from voltgate.csms.transactions.commands import COMMANDS, close_transaction, get_transaction_status
from voltgate.csms.transactions.handlers import HANDLERS
from voltgate.csms.transactions.routes import ROUTES
from voltgate.csms.transactions.store import TRANSACTION_EVENTS, TRANSACTIONS
from voltgate.csms.transactions.views import Transaction, find_transaction, find_transactions, view

__all__ = [
    "COMMANDS",
    "HANDLERS",
    "ROUTES",
    "TRANSACTIONS",
    "TRANSACTION_EVENTS",
    "Transaction",
    "close_transaction",
    "find_transaction",
    "find_transactions",
    "get_transaction_status",
    "view",
]
