"""sqlalchemy_peer.py: the workloads with SQLAlchemy's ORM, the rows and lines of hand_baseline.c.

Takes the baseline's --db, --rows, --reads, --updates and --reps. Inserts are a list of objects;
each read makes a new object, as the identity map would otherwise answer instead of SQLite; writes
are one statement per row."""

import argparse
import itertools
import os
import time

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.dialects.sqlite import insert

POOL = 4096
MASK = (1 << 64) - 1
SEED_GET = 0x9E3779B97F4A7C15
SEED_UPDATE = 0xD1B54A32D192ED03
SEED_UPSERT = 0x94D049BB133111EB

Base = orm.declarative_base()


class User(Base):
    __tablename__ = "users"
    id = sa.Column(sa.Integer, primary_key=True)
    email = sa.Column(sa.Text, nullable=False)
    display_name = sa.Column(sa.Text, nullable=False)
    bio = sa.Column(sa.Text)
    age = sa.Column(sa.Integer)
    score = sa.Column(sa.Float, nullable=False)
    avatar = sa.Column(sa.LargeBinary)
    created_at = sa.Column(sa.Integer, nullable=False)


TABLE = User.__table__
VALUES = [column.name for column in TABLE.columns if not column.primary_key]


def numbers(state):
    """xorshift64*"""
    while True:
        state ^= state >> 12
        state ^= state << 25 & MASK
        state ^= state >> 27
        yield state * 2685821657736338717 & MASK


def make_users():
    """The pool of the baseline: what draws a number, and when, is the same."""
    draw = numbers(88172645463325252)
    users = []
    for i in range(POOL):
        user = {
            "email": "user%05d.%06x@example.org" % (i, next(draw) & 0xFFFFFF),
            "display_name": "Display Name %d" % i,
            "bio": None,
            "age": 18 + i % 60 if i % 5 else None,
            "avatar": None,
            "created_at": 1700000000000 + i,
        }
        if i % 4:
            length = 40 + next(draw) % 80
            user["bio"] = "".join(chr(97 + next(draw) % 26) for _ in range(length))
        user["score"] = next(draw) % 100000 / 7.0
        if i % 8:
            user["avatar"] = bytes(next(draw) & 0xFF for _ in range(64))
        users.append(user)
    return users


def fold(user):
    total = user.id * 3 + user.created_at
    total += ord(user.email[0]) + ord(user.email[7]) * 5
    total += ord(user.display_name[0]) + ord(user.display_name[7]) * 7
    total += ord(user.bio[0]) + ord(user.bio[7]) * 11 if user.bio is not None else 13
    total += user.age * 19 if user.age is not None else 17
    total += int(user.score * 7.0)
    avatar = user.avatar
    total += len(avatar) + avatar[0] + avatar[-1] * 23 if avatar is not None else 29
    return total


def unlink(path):
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(path + suffix):
            os.unlink(path + suffix)


def connect(path):
    engine = sa.create_engine("sqlite:///" + path)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection, _record):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    Base.metadata.create_all(engine)
    return engine


class Run:
    def __init__(self, arguments, users, repetition):
        self.arguments = arguments
        self.users = users
        self.repetition = repetition
        unlink(arguments.db)
        self.engine = connect(arguments.db)

    def measure(self, workload, function, *more):
        wall = time.monotonic()
        cpu = time.process_time()
        operations, total = function(*more)
        cpu = time.process_time() - cpu
        wall = time.monotonic() - wall
        print("bench impl=sqlalchemy workload=%s profile=plain rep=%d ops=%d wall_s=%.6f "
              "cpu_s=%.6f ns_per_op=%.1f sum=%016x" % (workload, self.repetition, operations, wall,
              cpu, wall * 1e9 / operations, total & MASK), flush=True)

    def checkpoint(self):
        with self.engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))

    def insert(self):
        rows = self.arguments.rows
        with orm.Session(self.engine) as session:
            session.add_all(User(id=i, **self.users[i % POOL]) for i in range(1, rows + 1))
            session.commit()
        return rows, rows

    def get(self, transaction):
        reads = self.arguments.reads
        rows = self.arguments.rows
        total = 0
        with orm.Session(self.engine) as session:
            if transaction:
                session.execute(sa.text("BEGIN"))
            for number in itertools.islice(numbers(SEED_GET), reads):
                total += fold(session.get(User, number % rows + 1))
                session.expunge_all()
        return reads, total

    def scan(self):
        with orm.Session(self.engine) as session:
            users = session.query(User).order_by(User.id).all()
            return len(users), sum(fold(user) for user in users)

    def update(self):
        updates = self.arguments.updates
        with orm.Session(self.engine) as session:
            draw = numbers(SEED_UPDATE)
            for i in range(updates):
                key = next(draw) % self.arguments.rows + 1
                session.execute(sa.update(TABLE).where(TABLE.c.id == key)
                                .values(self.users[(i + 7) % POOL]))
            session.commit()
        return updates, updates

    def upsert(self):
        updates = self.arguments.updates
        rows = self.arguments.rows
        with orm.Session(self.engine) as session:
            draw = numbers(SEED_UPSERT)
            for i in range(updates):
                key = next(draw) % (rows + rows // 10) + 1
                statement = insert(TABLE).values(id=key, **self.users[(i + 11) % POOL])
                session.execute(statement.on_conflict_do_update(
                    index_elements=["id"],
                    set_={name: statement.excluded[name] for name in VALUES}))
            session.commit()
        return updates, updates

    def delete(self):
        rows = self.arguments.rows
        with orm.Session(self.engine) as session:
            for key in range(5, rows + 1, 5):
                session.execute(sa.delete(TABLE).where(TABLE.c.id == key))
            session.commit()
        return rows // 5, rows // 5

    def all(self):
        self.measure("insert", self.insert)
        self.checkpoint()
        self.measure("get_own", self.get, False)
        self.measure("get_own_tx", self.get, True)
        self.measure("scan_own", self.scan)
        self.measure("update", self.update)
        self.checkpoint()
        self.measure("upsert", self.upsert)
        self.checkpoint()
        self.measure("delete", self.delete)
        print("tablesum impl=sqlalchemy %016x" % (self.scan()[1] & MASK))
        self.engine.dispose()
        unlink(self.arguments.db)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", default="sqlalchemy.db")
    parser.add_argument("--rows", type=int, default=25000)
    parser.add_argument("--reads", type=int, default=50000)
    parser.add_argument("--updates", type=int, default=15000)
    parser.add_argument("--reps", type=int, default=1)
    arguments = parser.parse_args()
    users = make_users()
    for repetition in range(arguments.reps):
        Run(arguments, users, repetition).all()


if __name__ == "__main__":
    main()
