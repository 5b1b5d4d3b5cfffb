"""What block J forces a central system to do."""

from typing import Any, cast

import pytest

from tests.csms.builders import NOON, Station, a_context
from voltgate.csms.meter_values import HANDLERS, list_values
from voltgate.infrastructure.database.sqlite import SqliteDatabase
from voltgate.ocpp import v21


@pytest.mark.requirement("J01.FR.03", "J01.FR.18")
@pytest.mark.action("2.1:MeterValues")
async def test_values_of_the_main_meter_are_answered_again_and_stored_once(database: SqliteDatabase) -> None:
    context = a_context(database)
    value = v21.MeterValueType(timestamp=NOON, sampledValue=[v21.SampledValueType(value=5.0, context="Sample.Clock")])
    for _ in range(2):
        heard = await Station(context, HANDLERS).says(v21.MeterValuesRequest(evseId=0, meterValue=[value]))
        assert heard.answer == v21.MeterValuesResponse()
    page = await list_values(cast(Any, context), {"station_id": "CS-1"}, None, 10)
    assert [(item.value, item.measurand, item.unit) for item in page.items] == [(5.0, "Energy.Active.Import.Register", "Wh")]


@pytest.mark.requirement("J01.FR.21", "J02.FR.21")
@pytest.mark.action("2.1:MeterValues")
async def test_signed_values_are_kept_as_they_are(database: SqliteDatabase) -> None:
    context = a_context(database)
    signed = v21.SignedMeterValueType(signedMeterData="AAEC", encodingMethod="OCMF", signingMethod="ECDSA", publicKey="MFkw")
    value = v21.MeterValueType(timestamp=NOON, sampledValue=[v21.SampledValueType(value=5.0, signedMeterValue=signed)])
    await Station(context, HANDLERS).says(v21.MeterValuesRequest(evseId=1, meterValue=[value]))
    [item] = (await list_values(cast(Any, context), {"station_id": "CS-1"}, None, 10)).items
    assert item.signed is not None
    said = (item.signed.signed_meter_data, item.signed.encoding_method, item.signed.signing_method, item.signed.public_key)
    assert said == ("AAEC", "OCMF", "ECDSA", "MFkw")
