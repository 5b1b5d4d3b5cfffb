"""The one collection of tables of the central system; each room adds its own in its `store.py`."""

from sqlalchemy import MetaData

from voltgate.infrastructure.database.tables import attach_infrastructure

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
attach_infrastructure(metadata)
