#!/usr/bin/env python3
"""ci.py TOOL SHARE: the steps of the workflow for GitHub and the job for GitLab, as their hosts run them.

The steps are taken from the files in SHARE and run by a shell in clones as the hosts make them: the
merge of a pull request with two commits of history and no branch, a fork, a merge request whose main
branch has moved on. What writes comments is a stand-in that keeps what it was called with."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

MODELS = '''#include <cleat/schema.h>
#define DATABASE_NAME "shop"

/** What is sold. */
TABLE(articles) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL LENGTH(80);
    text    note;
};
'''
PATH = "schemas/shop/db_models.h"
HOST = '''#!/bin/sh
# Keeps its arguments; a list of comments is what $COMMENTS says.
printf '%s\\n' "$*" >>"$CALLS"
case $* in *--paginate*|*per_page*) cat "$COMMENTS" ;; *) echo done ;; esac
'''
failures = 0


def expect(what, condition, shown=""):
    global failures
    if condition:
        print("kept:", what)
    else:
        failures += 1
        print("FAILED:", what, "\n" + shown)


def git(*arguments, cwd="."):
    done = subprocess.run(["git", "-c", "user.name=ci", "-c", "user.email=ci@example.org", "-c",
                           "advice.detachedHead=false", *arguments], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"ci: git {' '.join(arguments)}: {done.stderr}")
    return done.stdout.strip()


def github_steps(path):
    """The scripts of a workflow by the names of their steps."""
    steps, name, script = {}, None, None
    for line in open(path):
        step = re.match(r"      - name: (.*)", line)
        run = re.match(r"        run: ?(\|?)(.*)", line)
        if step or re.match(r"      - ", line):
            name, script = step and step.group(1), None
        elif run:
            steps[name] = run.group(2) + "\n"
            script = name if run.group(1) else None
        elif script and (line.startswith("          ") or line == "\n"):
            steps[script] += line[10:] or "\n"
        else:
            script = None
    return steps


def gitlab_script(path):
    """The lines of `script:`, as the runner puts them together."""
    text = open(path).read().split("\n  script:\n")[1].split("\n  artifacts:")[0]
    items = re.split(r"^    - ", text, flags=re.M)[1:]
    return "\n".join(re.sub(r"^      ", "", item.removeprefix("|\n"), flags=re.M).rstrip() for item in items)


def shell(script, cwd, **environment):
    """As both hosts do: bash, which ends with the first command that fails."""
    return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=cwd,
                          capture_output=True, text=True, env={**os.environ, **environment})


def edit(top, old, new, tool, message):
    path = os.path.join(top, PATH)
    text = open(path).read().replace(old, new)
    with open(path, "w") as file:
        file.write(text)
    subprocess.run([tool, "generate"], cwd=top, check=True)
    git("add", "-A", cwd=top)
    git("commit", "-q", "-m", message, cwd=top)


def make_origin(tool):
    """main, a branch that loses a column, and main after that branch left it."""
    os.makedirs(os.path.dirname(os.path.join("work", PATH)))
    git("init", "-q", "-b", "main", "work")
    with open(os.path.join("work", PATH), "w") as file:
        file.write(MODELS)
    edit("work", "", "", tool, "The shop")
    left = git("rev-parse", "HEAD", cwd="work")
    git("checkout", "-q", "-b", "branch", cwd="work")
    edit("work", "    text    note;\n", "", tool, "No notes")
    git("checkout", "-q", "main", cwd="work")
    with open("work/README", "w") as file:
        file.write("A shop.\n")
    other = MODELS.replace('"shop"', '"staff"').replace("articles", "people")
    os.makedirs("work/schemas/staff")
    with open("work/schemas/staff/db_models.h", "w") as file:
        file.write(other)
    edit("work", "", "", tool, "Who sells")
    git("checkout", "-q", "--detach", "main", cwd="work")
    subprocess.run(["git", "-c", "user.name=ci", "-c", "user.email=ci@example.org", "merge", "-q",
                    "--no-ff", "--no-commit", "branch"], cwd="work", capture_output=True)
    subprocess.run([tool, "generate"], cwd="work", check=True)
    git("add", "-A", cwd="work")
    git("commit", "-q", "-m", "Merge branch into main", cwd="work")
    git("update-ref", "refs/pull/1/merge", "HEAD", cwd="work")
    git("clone", "-q", "--mirror", "work", "origin.git")
    return left


def clone(name, depth, ref):
    """As actions/checkout and the runner of GitLab do: one ref, no branch, detached."""
    git("init", "-q", name)
    git("remote", "add", "origin", "file://" + os.path.realpath("origin.git"), cwd=name)
    git("fetch", "-q", "--no-tags", *depth, "origin", f"+{ref}:refs/remotes/{ref[5:]}", cwd=name)
    git("checkout", "-q", "--detach", "refs/remotes/" + ref[5:], cwd=name)


def comment_is_kept(steps, scratch):
    """The second job of the workflow: a first comment, then the same one again."""
    calls = os.path.join(scratch, "calls")
    for known, wanted in (("", "repos/a/b/issues/7/comments -F body=@review.md"),
                          ("41\n", "-X PATCH repos/a/b/issues/comments/41 -F body=@review.md")):
        with open("comments", "w") as file:
            file.write(known)
        if os.path.exists(calls):
            os.unlink(calls)
        done = shell(steps["Write or edit the one comment"], scratch, REPOSITORY="a/b", NUMBER="7")
        expect("GitHub: the comment is " + ("edited" if known else "written"), done.returncode == 0 and wanted in open(calls).read(),
               done.stdout + done.stderr)


def github(tool, share, scratch):
    steps = github_steps(os.path.join(share, "github-schema-review.yml"))
    depth = re.search(r"fetch-depth: (\d+)", open(os.path.join(share, "github-schema-review.yml")).read()).group(1)
    clone("merge", ["--depth=" + depth], "refs/pull/1/merge")
    checked = shell(steps["Generated files are current"], "merge")
    expect("GitHub: the check of a shallow merge", checked.returncode == 0, checked.stdout + checked.stderr)
    summary = os.path.join(scratch, "summary")
    done = shell(steps["Comment and annotations"], "merge", GITHUB_STEP_SUMMARY=summary)
    expect("GitHub: a finding that nobody accepted ends the step",
           done.returncode == 1 and "title=drop-column::" in done.stdout, done.stdout + done.stderr)
    review = open("merge/review.md").read()
    expect("GitHub: what main got meanwhile is not of the pull request",
           "column `articles.note` dropped" in review and "staff" not in review, review)
    expect("GitHub: the summary is the comment", open(summary).read() == review)
    log = json.load(open("merge/review.sarif"))
    expect("GitHub: SARIF beside it", log["runs"][0]["results"])
    comment_is_kept(steps, scratch)
    # No default of `cleat diff` is known in such a clone; a guess would find nothing.
    done = shell("cleat diff", "merge")
    expect("a clone without branches is no silence", done.returncode == 3 and "--base" in done.stderr,
           done.stdout + done.stderr)
    tip = git("rev-parse", "main", cwd="work")
    clone("shallow", ["--depth=1"], "refs/pull/1/merge")
    done = shell(f"cleat diff --base {tip}", "shallow")
    expect("a commit that a shallow clone lacks is named", done.returncode == 3 and "git fetch" in done.stderr,
           done.stderr)
    done = shell(f"git fetch -q --depth=1 origin {tip}; cleat diff --base {tip}", "shallow")
    expect("a shallow merge and the tip of its base are enough",
           done.returncode == 1 and "staff" not in done.stdout, done.stdout + done.stderr)
    branch = git("rev-parse", "branch", cwd="work")
    done = shell(f"git fetch -q --depth=1 origin {branch}; git checkout -q {branch}; cleat diff --base {tip}",
                 "shallow")
    expect("a shallow branch is not compared with what main got meanwhile",
           done.returncode == 3 and "--unshallow" in done.stderr, done.stdout + done.stderr)
    done = shell(f"git fetch -q --unshallow origin; cleat diff --base {tip}", "shallow")
    expect("with its history it is", done.returncode == 1 and "staff" not in done.stdout, done.stderr)


def gitlab(share, scratch, left):
    script = gitlab_script(os.path.join(share, "gitlab-schema-review.yml"))
    clone("request", [], "refs/heads/branch")
    project = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": left, "CI_API_V4_URL": "https://gitlab.example/api/v4",
               "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "9"}
    done = shell(script, "request", **project)
    expect("GitLab: a finding that nobody accepted ends the job",
           done.returncode == 1 and "[drop-column]" in done.stdout, done.stdout + done.stderr)
    expect("GitLab: the artifacts", os.path.getsize("request/review.md") > 0 and
           json.load(open("request/review.sarif"))["runs"])
    if shutil.which("jq") is None:
        print("SKIPPED: the note of GitLab: there is no jq here")
        return
    for known, wanted in (("[]", "-X POST"), ('[{"id": 5, "body": "<!-- cleat-diff -->\\n"}]', "-X PUT")):
        with open("comments", "w") as file:
            file.write(known)
        os.unlink("calls") if os.path.exists("calls") else None
        done = shell(script, "request", REVIEW_TOKEN="secret", **project)
        calls = open("calls").read()
        expect(f"GitLab: the note is written with {wanted}",
               done.returncode == 1 and wanted in calls and "body@review.md" in calls, calls + done.stderr)
        expect("GitLab: one note", ("/notes/5" in calls) == (wanted == "-X PUT"), calls)


def main():
    tool, share = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
    os.environ.update({"CLEAT_CACHE_DIR": "", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
                       "LC_ALL": "C.UTF-8"})
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        os.mkdir("bin")
        os.symlink(tool, "bin/cleat")
        for name in ("gh", "curl"):
            with open("bin/" + name, "w") as file:
                file.write(HOST)
            os.chmod("bin/" + name, 0o755)
        os.environ.update({"PATH": os.path.join(scratch, "bin") + ":" + os.environ["PATH"],
                           "CALLS": os.path.join(scratch, "calls"),
                           "COMMENTS": os.path.join(scratch, "comments")})
        left = make_origin(tool)
        github(tool, share, scratch)
        gitlab(share, scratch, left)
    print(f"{failures} failures")
    sys.exit(1 if failures else 0)


main()
