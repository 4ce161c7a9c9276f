"""Static files under hashed names, the modules that our scripts import included."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_ANY_SCRIPT, _IMPORTS = HashedFilesMixin._js_module_import_aggregation_patterns


class ModuleStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import … from` in scripts, so that a new one never meets an old one.

    Only in our own: libraries quote imports in comments that lead nowhere.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = ("js/*.js", _IMPORTS)
