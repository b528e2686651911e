"""The functions that pyoxigraph 0.5.13 has beyond those of SPARQL 1.1, by IRI.

``ADJUST`` and the functions on triple terms and base directions are keywords of its grammar and have no IRI.
"""

# GeoSPARQL 1.1 (https://docs.ogc.org/is/22-047r1/22-047r1.html), on geo:wktLiteral and geo:geoJSONLiteral.
_GEOSPARQL = (
    "area", "asGeoJSON", "centroid", "convexHull", "coordinateDimension", "difference", "dimension", "distance",
    "ehContains", "ehCoveredBy", "ehCovers", "ehDisjoint", "ehEquals", "ehInside", "ehMeet", "ehOverlap",
    "envelope", "getSRID", "intersection", "isEmpty", "isSimple", "length", "perimeter",
    "rcc8dc", "rcc8ec", "rcc8eq", "rcc8ntpp", "rcc8ntppi", "rcc8po", "rcc8tpp", "rcc8tppi", "relate",
    "sfContains", "sfCrosses", "sfDisjoint", "sfEquals", "sfIntersects", "sfOverlaps", "sfTouches", "sfWithin",
    "spatialDimension", "symDifference", "union",
)  # fmt: skip
# Casts to datatypes that SPARQL 1.1, section 17.5, does not ask for.
_CASTS = (
    "date", "dayTimeDuration", "duration", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "time",
    "yearMonthDuration",
)  # fmt: skip

EXTENSION_FUNCTIONS = (
    *(f"http://www.opengis.net/def/function/geosparql/{name}" for name in _GEOSPARQL),
    *(f"http://www.w3.org/2001/XMLSchema#{name}" for name in _CASTS),
)
