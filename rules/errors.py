"""Every error the registry raises on purpose.

RegistryError
├── ConfigError          a YAML file or setting is wrong (names file, line, nearest valid key)
├── SourceError          a source cannot be read (connection, file, encoding)
│   └── ContractError    a source was read but breaks its contract (names the column or bound)
├── ModelError           a model is missing, does not fit the data, or is not promoted
├── StoreError           the home is damaged or cannot be written
│   ├── IntegrityError   a file does not have the hash its manifest names
│   └── HomeBusy         another run holds the home
├── EngineError          the Spark cluster cannot be used, or a task of it failed
├── CheckFailed          a blocking check stopped promotion
├── LogInRefused         the identity provider does not vouch for a person, or he may do nothing here
├── ProviderDown         the identity provider does not answer, or not as declared
├── DecisionRefused      a decision contradicts another, or this person may not make it
└── NotFound             no such client, version, source or record
    ├── Erased           there was one, and its subject was erased
    ├── Sealed           there is one, and it opens only for a stated reason
    └── OutOfSight       none in sight of who asks, whether there is one or not

A message gives the place, the expectation and the next step, and never a client's data.
"""


class RegistryError(Exception):
    """Base of all expected errors; `place`, `expected` and `next_step` make one readable sentence each.

    `command` takes the next step on the command line; pages and programs have ways of their own: they tell the step.
    """

    def __init__(self, place: str, expected: str, next_step: str = "", command: str = "") -> None:
        self.place, self.expected, self.next_step = place, expected, next_step
        self.typed = f"{next_step}: `{command}`" if command else next_step
        super().__init__(f"{place}: {expected}" + (f" → {self.typed}" if next_step else ""))


class ConfigError(RegistryError):
    """A declared file or setting is wrong."""


class SourceError(RegistryError):
    """A source system or file could not be read."""


class ContractError(SourceError):
    """A source was read and breaks its declared contract."""


class ModelError(RegistryError):
    """A matching model is missing, unfit or not promoted."""


class StoreError(RegistryError):
    """The home folder is damaged or cannot be written."""


class IntegrityError(StoreError):
    """A stored file differs from the hash its manifest names."""


class HomeBusy(StoreError):
    """Another run holds this home."""


class EngineError(RegistryError):
    """The Spark cluster cannot be used, or a task of it failed."""


class CheckFailed(RegistryError):
    """A blocking check failed; the live version stays."""


class LogInRefused(RegistryError):
    """Who logs in is not vouched for by the identity provider, or has no role at this desk."""


class ProviderDown(RegistryError):
    """The identity provider cannot be reached, or answers otherwise than it is declared."""


class DecisionRefused(RegistryError):
    """A decision contradicts one in effect, or is not this person's to make."""


class NotFound(RegistryError):
    """The named client, version, source or record does not exist."""


class Erased(NotFound):
    """The named client was erased: it existed, and nothing of it is kept."""


class Sealed(NotFound):
    """The client opens only for a stated reason; `number` is its client number."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__("client", "is sealed: it opens for a stated reason, which is logged", "give the reason")


Told = tuple[str, str, str]
NOBODY: Told = (
    "client number", "nobody in your sight has it",
    "check it for a typo, or ask a colleague of another legal entity or branch",
)  # fmt: skip
"""Place, expectation and next step of a client that is none of the clients in sight."""


class OutOfSight(NotFound):
    """None in sight of who asks; `numbers`, for the audit trail alone, are those of clients that there are."""

    def __init__(self, *numbers: str, told: Told = NOBODY) -> None:
        self.numbers = numbers
        super().__init__(*told)
