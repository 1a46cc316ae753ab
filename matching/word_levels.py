"""SQL over words: near words, the words one name leaves unexplained in another.

Here: expressions shared by the ladders of persons and organisations. Not here: the ladders.
Word lists are short (a name); nested lambdas run only behind cheap guards.
"""

Level = tuple[str, str, str | None]
"""Label, condition, term-frequency column (rare agreement counts more than common agreement)."""


def guarded(guard: str, condition: str) -> str:
    """`condition` worked out only where the cheap `guard` holds (CASE is lazy, AND is not)."""
    return f"CASE WHEN {guard} THEN {condition} ELSE false END"


def all_of(*conditions: str) -> str:
    """All conditions, each in brackets."""
    return " AND ".join(f"({condition})" for condition in conditions)


def let(name: str, value: str, body: str) -> str:
    """`body` with `name` standing for `value`, worked out once."""
    return f"list_transform([{value}], lambda {name}: {body})[1]"


def edits(left: str, right: str, most: int) -> str:
    """At most `most` edits (an exchange counts one): 1 in words of 3 letters or more, 2 in words of 7 or more."""
    least = {1: 3, 2: 7}[most]
    size = f"least(length({left}), length({right})) >= {least} AND abs(length({left}) - length({right})) <= {most}"
    return guarded(size, _few(left, right, str(most)))


def near(left: str, right: str) -> str:
    """One edit, or two in words of seven letters or more."""
    size = f"least(length({left}), length({right})) >= 3 AND abs(length({left}) - length({right})) <= 2"
    return guarded(
        size, _few(left, right, f"(CASE WHEN least(length({left}), length({right})) >= 7 THEN 2 ELSE 1 END)")
    )


def _few(left: str, right: str, most: str) -> str:
    """At most `most` edits; an exchange of neighbours counts two in the fast distance, so the slow one decides it.

    Two edits in seven letters and one in three leave a Jaro similarity above 0.7.
    """
    plain, swaps = f"levenshtein({left}, {right})", f"damerau_levenshtein({left}, {right})"
    counted = f"CASE WHEN {plain} <= {most} THEN true WHEN {plain} = {most} + 1 THEN {swaps} <= {most} ELSE false END"
    return guarded(f"jaro_similarity({left}, {right}) >= 0.7", counted)


def initial(field: str) -> str:
    """One letter for a name that begins with it, or first letters for several words (jc, jean claude)."""
    left, right = f"{field}_l", f"{field}_r"
    shorter = f"least(length({left}), length({right}))"
    letters = "array_to_string(list_transform(string_split({}, ' '), lambda w: w[1]), '')"
    several = f"{letters.format(left)} = {right} OR {letters.format(right)} = {left}"
    short = f"{shorter} BETWEEN 2 AND 3 AND contains({left}, ' ') <> contains({right}, ' ')"
    return f"CASE WHEN {shorter} = 1 THEN {_alike(left, right)} WHEN {short} THEN {several} ELSE false END"


def _alike(left: str, right: str) -> str:
    """The same first letter, or one that other spellings write (Carl, Karl)."""
    return " = ".join(_spoken(f"{word}[1]") for word in (left, right))


def contained(field: str) -> str:
    """All words of one side are words of the other; only where one side has several."""
    left, right = f"string_split({field}_l, ' ')", f"string_split({field}_r, ' ')"
    several = f"contains({field}_l, ' ') OR contains({field}_r, ' ')"
    return guarded(several, f"list_has_all({left}, {right}) OR list_has_all({right}, {left})")


def some(field: str, condition: str) -> str:
    """The condition holds for some `v` of the left list and `w` of the right one."""
    found = f"list_filter({field}_r, lambda w: {condition})"
    return f"len(list_filter({field}_l, lambda v: len({found}) > 0)) > 0"


def word_set(words: str) -> str:
    """The words of a list as one text without order and repetition, to be compared by equality; null for none."""
    return f"nullif(array_to_string(list_sort(list_distinct({words})), ' '), '')"


def roughly(left: str, right: str, condition: str) -> str:
    """`condition` only where the two word sets look alike at all: saves aligning most pairs."""
    return guarded(f"jaro_similarity({left}, {right}) >= 0.6", condition)


def inside(left: str, right: str) -> str:
    """Two words or more, all of them among the more words of the other side, which are twice as many at most."""
    one, other = f"list_has_all({left}, {right})", f"list_has_all({right}, {left})"
    return guarded(_fewer(left, right), f"CASE WHEN len({left}) > len({right}) THEN {one} ELSE {other} END")


def _fewer(left: str, right: str) -> str:
    """A side with as many words and one word unexplained contradicts; a single word says too little."""
    few, many = f"least(len({left}), len({right}))", f"greatest(len({left}), len({right}))"
    return f"{few} >= 2 AND {few} < {many} AND 2 * {few} >= {many}"


def residue(left: str, right: str) -> str:
    """Words of `left` that are not words of `right`."""
    return f"list_filter({left}, lambda w: NOT list_contains({right}, w))"


def unlike(left: str, right: str) -> str:
    """Words of `left` to which no word of `right` is near or an initial."""
    return f"list_filter({left}, lambda v: len(list_filter({right}, lambda w: {_pairs('v', 'w')})) = 0)"


def _pairs(left: str, right: str) -> str:
    one = f"least(length({left}), length({right})) = 1"
    return f"CASE WHEN {one} THEN {_alike(left, right)} ELSE {near(left, right)} END"


def all_explained(left: str, right: str) -> str:
    """Every word of both sides is the same as, near, an initial of, or glued from words of the other side."""
    # A near word, an initial (a, akbar) and glued words keep the similarity above this: most pairs end here.
    far = f"jaro_similarity({_spoken(_joined('x.l'))}, {_spoken(_joined('x.r'))}) < 0.7"
    easy = f"WHEN len(x.l) = 0 OR len(x.r) = 0 THEN len(x.l) = len(x.r) {_ONE_EACH} WHEN {far} THEN false"
    return _over_residues(left, right, easy, "len(n.l) + len(n.r) = 0")


def one_explained(left: str, right: str) -> str:
    """Every word of the side with fewer words is explained by the other side."""
    few = "CASE WHEN x.less THEN {}.l ELSE {}.r END"
    easy, done = (f"len({few.format(name, name)}) = 0" for name in "xn")
    return guarded(_fewer(left, right), _over_residues(left, right, f"WHEN {easy} THEN true {_ONE_EACH}", done))


def _over_residues(left: str, right: str, easy: str, done: str) -> str:
    """The `easy` cases of the words that are not the same (x.l, x.r); else `done` over what pairing leaves of them."""
    less = f"len({left}) < len({right})"
    unpaired = f"{{'l': {residue(left, right)}, 'r': {residue(right, left)}, 'less': {less}}}"
    return let("x", unpaired, f"CASE {easy} ELSE {_aligned(done)} END")


def _aligned(done: str) -> str:
    """`done` over n.l and n.r, what near and initial words leave of each side, or these are glued words or initials."""
    left, right = _joined("n.l"), _joined("n.r")
    glued = f"{left} = {right} OR {near(left, right)}"
    short = f"{_spoken(left)} = {_initials('n.r')} OR {_initials('n.l')} = {_spoken(right)}"
    several = "len(n.l) > 0 AND len(n.r) > 0 AND len(n.l) + len(n.r) > 2"
    rest = f"{{'l': {unlike('x.l', 'x.r')}, 'r': {unlike('x.r', 'x.l')}}}"
    return let("n", rest, f"CASE WHEN {done} THEN true WHEN {several} THEN {glued} OR {short} ELSE false END")


def _joined(words: str) -> str:
    return f"array_to_string({words}, '')"


def _initials(words: str) -> str:
    return _spoken(f"array_to_string(list_transform({words}, lambda w: w[1]), '')")


def _spoken(letters: str) -> str:
    """First letters as keys write them: C of Carl and Chen, K of Karl."""
    return f"translate({letters}, 'cqwy', 'kkvi')"


_ONE_EACH = f"WHEN len(x.l) = 1 AND len(x.r) = 1 THEN {_pairs('x.l[1]', 'x.r[1]')}"
