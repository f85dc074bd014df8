"""How lona_sync is packaged; the tools are configured in pyproject.toml."""

from pathlib import Path
from runpy import run_path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent

# Run, not imported: `import lona_sync` needs gevent and werkzeug, which a build environment does not have.
VERSION_STRING = run_path(str(ROOT / "lona_sync" / "version.py"))["VERSION_STRING"]

# `pip install gunicorn gevent` is not enough: only this extra brings the `packaging` that its gevent worker imports.
GUNICORN = "gunicorn[gevent]>=23"

# redis-py alone works, too; hiredis reads twice as fast, and 3.1 is its first with wheels for Python 3.13.
REDIS = ["redis>=5.0.1", "hiredis>=3.1"]

setup(
    name="lona-sync",
    version=VERSION_STRING,
    description="Interactive web applications as plain, blocking Python: a greenlet for each view, no JavaScript",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license_expression="MIT",
    license_files=["LICENSE"],
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Environment :: Web Environment",
        "Framework :: Pytest",
        "Intended Audience :: Developers",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Internet :: WWW/HTTP :: WSGI :: Application",
        "Typing :: Typed",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["lona_sync", "lona_sync.*"]),
    py_modules=["pytest_lona_sync"],
    # tests/test_distribution.py fails when a file of the package is missing here.
    package_data={"lona_sync": ["py.typed", "client/*.js", "templates/lona/*", "static/*", "static/lona/*"]},
    install_requires=[
        "werkzeug>=3.1",
        "gevent>=24.11",
        "gevent-websocket>=0.10.1",
        "lxml>=5.3",
        "cssselect>=1.5",
        "Jinja2>=3.1",
        "itsdangerous>=2.2",
    ],
    extras_require={
        "gunicorn": [GUNICORN],
        "redis": REDIS,
        "test": [
            "pytest>=9.0", "pytest-xdist>=3.6", "hypothesis>=6.100", "playwright>=1.49", "prometheus-client>=0.20",
            "flask>=3.0", "django>=4.2",
            GUNICORN, *REDIS,
        ],
    },
    entry_points={
        "console_scripts": ["lona-sync = lona_sync.cli:main"],
        "pytest11": ["pytest_lona_sync = pytest_lona_sync"],
    },
)
