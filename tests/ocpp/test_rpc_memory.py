"""What a peer asked last: resends and new calls with old ids."""

from voltgate.ocpp.rpc_memory import AnsweredCalls

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_UUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"


def answered(memory: AnsweredCalls, message_id: str, action: str = "StatusNotification", digest: int = 1) -> None:
    memory.begin(message_id, action, digest, "origin")
    assert memory.finish(message_id, digest, f"frame {message_id}") == "origin"


def test_the_same_call_recalls_its_answer() -> None:
    memory = AnsweredCalls()
    answered(memory, UUID)
    assert memory.recall(UUID, "StatusNotification", 1) == f"frame {UUID}"
    assert memory.knows(UUID)


def test_other_content_is_new() -> None:
    memory = AnsweredCalls()
    answered(memory, UUID)
    assert memory.recall(UUID, "StatusNotification", 2) is None
    assert memory.recall(OTHER_UUID, "StatusNotification", 1) is None


def test_only_the_last_calls_are_remembered() -> None:
    memory = AnsweredCalls(size=2)
    for message_id in ("a", "b", "c"):
        answered(memory, message_id)
    assert [memory.knows(message_id) for message_id in ("a", "b", "c")] == [False, True, True]


def test_a_refused_call_may_be_tried_again() -> None:
    memory = AnsweredCalls()
    memory.begin(UUID, "StartTransaction", 1, "origin")
    assert memory.finish(UUID, 1, None) == "origin"
    assert memory.recall(UUID, "StartTransaction", 1) is None


def test_a_unique_id_counts_over_connections() -> None:
    memory = AnsweredCalls()
    answered(memory, UUID)
    answered(memory, OTHER_UUID)
    memory.connected()
    assert memory.recall(UUID, "StatusNotification", 1)


def test_a_counted_id_starts_again_with_each_connection() -> None:
    memory = AnsweredCalls()
    answered(memory, "1")
    answered(memory, "2")
    assert memory.recall("1", "StatusNotification", 1)
    memory.connected()
    assert memory.recall("1", "StatusNotification", 1) is None
    assert memory.recall("2", "StatusNotification", 1) == "frame 2"


def test_answers_that_tell_the_time_are_never_repeated() -> None:
    memory = AnsweredCalls()
    answered(memory, UUID, "Heartbeat")
    answered(memory, OTHER_UUID, "BootNotification")
    assert memory.recall(UUID, "Heartbeat", 1) is None
    assert memory.recall(OTHER_UUID, "BootNotification", 1) is None


def test_a_boot_begins_a_new_life() -> None:
    memory = AnsweredCalls()
    answered(memory, UUID)
    memory.begin("1", "BootNotification", 1, "origin")
    assert not memory.knows(UUID)


def test_an_answer_that_nobody_waits_for_goes_nowhere() -> None:
    memory = AnsweredCalls()
    assert memory.finish("1", 1, "frame") is None
    memory.begin("1", "StatusNotification", 1, "origin")
    assert memory.finish("1", 2, "frame") is None
    assert not memory.knows("1")


def test_calls_without_an_answer_are_forgotten_once_their_connection_is_old() -> None:
    memory = AnsweredCalls(pending_size=2)
    for message_id in ("a", "b", "c"):
        memory.begin(message_id, "StatusNotification", 1, "origin")
    assert memory.in_progress("a") == 1
    memory.connected()
    memory.begin("d", "StatusNotification", 1, "origin")
    assert memory.in_progress("a") is None
    assert memory.in_progress("d") == 1
