"""Closed loop of pymodbus on a serial line. usage: rtu.py DEVICE BAUD SECONDS; prints reads per second."""

import sys
import time

import pymodbus

try:
    from pymodbus.client import ModbusSerialClient

    client = ModbusSerialClient(sys.argv[1], baudrate=int(sys.argv[2]), bytesize=8, parity="N", stopbits=1)
except ImportError:
    from pymodbus.client.sync import ModbusSerialClient

    client = ModbusSerialClient(
        method="rtu", port=sys.argv[1], baudrate=int(sys.argv[2]), bytesize=8, parity="N", stopbits=1
    )
unit = {"device_id": 1} if int(pymodbus.__version__.split(".")[0]) >= 3 else {"unit": 1}
assert client.connect()
count, end = 0, time.perf_counter() + float(sys.argv[3])
while time.perf_counter() < end:
    answer = client.read_holding_registers(0, count=40, **unit)
    assert len(answer.registers) == 40
    count += 1
print(count / float(sys.argv[3]))
