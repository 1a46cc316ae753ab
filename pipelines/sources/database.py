"""Any other database: connectorx where it can, SQLAlchemy otherwise; one query, so one snapshot.

Here: choosing the driver, failures without secrets. Not here: types (contract.py), PostgreSQL (its own module).
"""

import re

import polars as pl
from polars.exceptions import PolarsError

from pipelines.sources.base import Connector, Raw, Request, numbered
from pipelines.sources.retry import Transient, retried
from pipelines.sources.sql import condition, from_clause


def read(request: Request) -> Raw:
    """The declared table or query, every column in the type that the driver gives it."""
    query = f"SELECT * FROM {from_clause(request)}{condition(request, quote_names=False)}"
    return retried(request, lambda: numbered(_frame(request, query)))


def _frame(request: Request, query: str) -> pl.DataFrame:
    """connectorx knows fewer databases, types and empty results than SQLAlchemy; what it refuses goes there."""
    connection = request.connection()
    if connection.startswith("sqlite"):
        return _by_sqlalchemy(request, connection, query)
    try:
        import connectorx

        plain = re.sub(r"\+\w+(?=://)", "", connection)
        return pl.DataFrame(connectorx.read_sql(plain, query, return_type="arrow"))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # connectorx panics with a BaseException of its own
        return _by_sqlalchemy(request, connection, query)


def _by_sqlalchemy(request: Request, connection: str, query: str) -> pl.DataFrame:
    import sqlalchemy
    from sqlalchemy.exc import NoSuchModuleError, OperationalError, SQLAlchemyError

    try:
        engine = sqlalchemy.create_engine(connection, poolclass=sqlalchemy.NullPool)
        with engine.connect() as con:
            return pl.read_database(sqlalchemy.text(query), con, infer_schema_length=None)
    except (NoSuchModuleError, ImportError, ValueError):
        raise request.fail("no driver for this kind of database", "install the SQLAlchemy driver") from None
    except OperationalError:
        raise Transient("the connection failed, was refused, or the table is not there") from None
    except (SQLAlchemyError, PolarsError) as error:
        problem = f"the database failed ({type(error).__name__})"
        raise request.fail(problem, "check connection, read.table and the user's rights") from None


CONNECTOR = Connector(("database",), read)
