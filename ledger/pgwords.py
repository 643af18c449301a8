"""What ad-hoc SQL may name on PostgreSQL: functions, types, and the nodes of a statement's tree.

Lists and their reasons; `ledger.pgguard` keeps to them. What is not on a list is refused, so that
what a later release of PostgreSQL brings is refused until it was looked at.
"""

from ledger import schema
from ledger.sqlwords import VOCABULARIES, Relation, public
from ledger.views import POSTGRESQL_VIEWS

#: The documented, stable interface, as `ledger.sqlwords.RELATIONS` has it for SQLite.
RELATIONS: tuple[Relation, ...] = (*public(POSTGRESQL_VIEWS), *VOCABULARIES)

#: All that may be read: the public views, the tables with their history twins, and the revision.
READABLE = frozenset(
    {relation.name for relation in RELATIONS} | set(schema.metadata.tables) | {"alembic_version"}
)

#: What is the same as of every entry: no view is laid over it.
UNVERSIONED = frozenset({"stance", "status", "alembic_version"})

#: Functions of pg_catalog that may be called, in every form: those that only compute. Left out is
#: what tells or changes anything of the session, the server or its files, what runs SQL of its
#: own, and what makes much out of nothing (repeat, lpad).
_FUNCTIONS = """
    abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh cot degrees div erf erfc
    exp floor ln log log10 mod pi pow power radians random round scale min_scale trim_scale sign sin
    sinh sqrt tan tanh trunc width_bucket
    ascii bit_length btrim casefold char_length character_length chr concat concat_ws format initcap
    is_normalized left length like like_escape lower ltrim md5 normalize
    octet_length overlay position quote_ident quote_literal quote_nullable replace reverse right
    rtrim similar_to_escape similar_escape split_part starts_with strpos string_to_array
    string_to_table substr substring to_hex to_bin to_oct translate unistr upper
    regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table regexp_substr
    encode
    any_value array_agg avg bit_and bit_or bool_and bool_or corr count covar_pop covar_samp every
    json_agg json_object_agg jsonb_agg jsonb_object_agg max min mode percentile_cont
    percentile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
    regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank
    row_number
    age clock_timestamp date_add date_bin date_part date_subtract date_trunc extract isfinite
    justify_days justify_hours justify_interval make_date make_interval make_time make_timestamp
    make_timestamptz now overlaps statement_timestamp timezone to_char to_date to_number
    to_timestamp transaction_timestamp
    array_append array_cat array_dims array_length array_lower array_ndims array_position
    array_prepend array_to_string array_upper cardinality generate_series generate_subscripts
    trim_array unnest
    json_array_elements json_array_elements_text json_array_length json_build_array
    json_build_object json_each json_each_text json_extract_path json_extract_path_text json_object
    json_object_keys json_strip_nulls json_typeof jsonb_array_elements jsonb_array_elements_text
    jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each jsonb_each_text
    jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_object_keys
    jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_typeof row_to_json to_json to_jsonb
    num_nonnulls num_nulls
    numnode plainto_tsquery phraseto_tsquery querytree setweight strip to_tsquery to_tsvector
    ts_delete ts_filter ts_rank ts_rank_cd tsvector_to_array array_to_tsvector tsquery_phrase
    websearch_to_tsquery
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())

#: Types that a value may be read as or written from: what is no plain value (reg…, xml) tells of
#: the catalogue or is a program's food.
_SCALARS = """
    bool int2 int4 int8 numeric float4 float8 text varchar bpchar char name date time timetz
    timestamp timestamptz interval bytea uuid unknown bit varbit
"""
SCALARS = frozenset(_SCALARS.split())
TYPES = SCALARS | {"json", "jsonb", "tsvector", "tsquery", "record"}

#: Functions of operators on other than scalars that may be used: those with a bounded step.
#: Whether one array or document contains another can take hours in which no clock is looked at.
_OPERATIONS = """
    array_append array_cat array_prepend array_eq array_ne array_lt array_le array_gt array_ge
    json_array_element json_array_element_text json_object_field json_object_field_text
    json_extract_path json_extract_path_text
    jsonb_array_element jsonb_array_element_text jsonb_object_field jsonb_object_field_text
    jsonb_extract_path jsonb_extract_path_text jsonb_concat jsonb_delete jsonb_delete_path
    jsonb_eq jsonb_ne jsonb_lt jsonb_le jsonb_gt jsonb_ge
    jsonb_exists
    record_eq record_ne record_lt record_le record_gt record_ge
    ts_match_vq ts_match_qv tsquery_and tsquery_or tsquery_not tsquery_phrase tsvector_concat
"""
OPERATIONS = frozenset(_OPERATIONS.split())

#: Parts of a tree, as the server writes it, that a reading statement is made of; releases differ
#: in some of the names. Not among them: XML, what samples a table, what locks rows.
_NODES = """
    QUERY ALIAS TARGETENTRY FROMEXPR JOINEXPR RANGETBLREF RANGETBLENTRY RTEPERMISSIONINFO RTE
    RANGETBLFUNCTION SETOPERATIONSTMT COMMONTABLEEXPR CTESEARCHCLAUSE CTECYCLECLAUSE
    SORTGROUPCLAUSE GROUPINGSET GROUPINGFUNC WINDOWCLAUSE WINDOWFUNC AGGREF
    VAR CONST PARAM OPEXPR FUNCEXPR NAMEDARGEXPR DISTINCTEXPR NULLIFEXPR SCALARARRAYOPEXPR
    BOOLEXPR NULLTEST BOOLEANTEST SUBLINK CASE CASEEXPR WHEN CASEWHEN CASETESTEXPR
    COALESCE COALESCEEXPR MINMAX MINMAXEXPR ROW ROWEXPR ROWCOMPARE ROWCOMPAREEXPR
    ARRAY ARRAYEXPR ARRAYCOERCEEXPR SUBSCRIPTINGREF FIELDSELECT RELABELTYPE COERCEVIAIO
    COLLATE COLLATEEXPR CONVERTROWTYPEEXPR SQLVALUEFUNCTION
    JSONVALUEEXPR JSONFORMAT JSONRETURNING JSONCONSTRUCTOREXPR JSONISPREDICATE
"""
NODES = frozenset(_NODES.split())
