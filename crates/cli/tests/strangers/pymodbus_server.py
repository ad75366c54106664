"""Instruments played by pymodbus, 3.0 to 3.16 at least.

    pymodbus_server.py tcp [PORT]   listens on that port of the loopback, or a free one
    pymodbus_server.py rtu PATH     answers on a serial port at 115200 8N1

Standard input gives the registers, one number a line: unit function address kind order
value. Units 1 and 2 hold addresses 0 to 1999; what the input does not name follows the
rule below. Standard output says what is held, in words, and then "ready PORT".
"""

import asyncio
import logging
import struct
import sys

from pymodbus.datastore import ModbusServerContext

try:
    from pymodbus.server import ModbusSerialServer, ModbusTcpServer
except ImportError:  # as Debian 12 has it
    from pymodbus.server.async_io import ModbusSerialServer, ModbusTcpServer

# Every connection that ends is an error to it.
logging.disable(logging.CRITICAL)

UNITS = (1, 2)
HIGHEST = 1999
FORMATS = {"u16": ">H", "i16": ">h", "u32": ">I", "i32": ">i", "f32": ">f"}


def words_of(kind, order, text):
    """The words of a number: A is its most significant byte."""
    number = float(text) if kind == "f32" else int(text)
    data = struct.pack(FORMATS[kind], number)
    data = bytes(data["ABCD".index(letter)] for letter in order[: len(data)])
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


class Unit:
    """The registers of one unit identifier."""

    def __init__(self, number):
        self.number = number
        self.named = {}
        self.served = 0

    def validate(self, _function, address, count=1):
        return address + count - 1 <= HIGHEST

    def getValues(self, function, address, count=1):
        self.served = (self.served + 1) & 0xFFFF
        return [self.word(function, at) for at in range(address, address + count)]

    def word(self, function, address):
        if (function, address) in self.named:
            return self.named[function, address]
        if address % 10 == 1:
            return self.served
        return self.number << 12 | (0x800 if function == 4 else 0) | address

    async def async_getValues(self, function, address, count=1):
        return self.getValues(function, address, count)


class Store(ModbusServerContext):
    """All units, as the servers of old and new versions ask for them."""

    single = False
    simdevices = []
    old_simulator = True

    def __init__(self, units):
        self.units = units

    def __getitem__(self, number):
        return self.units[number]

    def __contains__(self, number):
        return number in self.units

    def slaves(self):
        return list(self.units)

    device_ids = slaves

    async def async_getValues(self, number, function, address, count=1):
        from pymodbus.constants import ExcCodes

        if number not in self.units:
            return ExcCodes.GATEWAY_NO_RESPONSE
        if not self.units[number].validate(function, address, count):
            return ExcCodes.ILLEGAL_ADDRESS
        return self.units[number].getValues(function, address, count)


def read_registers():
    units = {number: Unit(number) for number in UNITS}
    for line in sys.stdin:
        unit, function, address, kind, order, value = line.split()
        words = words_of(kind, order, value)
        for at, word in enumerate(words, int(address)):
            units[int(unit)].named[int(function), at] = word
        print("held", unit, function, address, *(f"{word:04x}" for word in words))
    return Store(units)


async def listening(server):
    """The port the server was given."""
    while True:
        for holder in (getattr(server, "server", None), getattr(server, "transport", None)):
            if getattr(holder, "sockets", None):
                return holder.sockets[0].getsockname()[1]
        await asyncio.sleep(0.01)


async def serve_tcp(store, port):
    server = ModbusTcpServer(store, address=("127.0.0.1", port))
    serving = asyncio.ensure_future(server.serve_forever())
    print("ready", await listening(server), flush=True)
    await serving


async def serve_rtu(store, path):
    server = ModbusSerialServer(store, port=path, baudrate=115200)
    if hasattr(server, "start"):
        await server.start()
    serving = asyncio.ensure_future(server.serve_forever())
    while not server.transport:
        await asyncio.sleep(0.01)
    print("ready 0", flush=True)
    await serving


async def main():
    store = read_registers()
    if sys.argv[1] == "tcp":
        await serve_tcp(store, int((sys.argv + ["0"])[2]))
    else:
        await serve_rtu(store, sys.argv[2])


asyncio.run(main())
