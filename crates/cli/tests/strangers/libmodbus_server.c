/* Instruments played by libmodbus.
 *
 *     libmodbus_server tcp [PORT]   listens on that port of the loopback, or a free one
 *     libmodbus_server rtu PATH     answers on a serial port at 115200 8N1, as unit 1
 *
 * Standard input gives the registers, one number a line: unit function address kind
 * order value. Units 1 and 2 hold addresses 0 to 1999; what the input does not name
 * follows the rule in `count`. Standard output says what is held, in words, and then
 * "ready PORT".
 */

#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UNITS = 2, HELD = 2000 };

static modbus_mapping_t *units[UNITS + 1];
static uint16_t served[UNITS + 1];

static void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, modbus_strerror(errno));
    exit(1);
}

static uint16_t *registers(int unit, int function)
{
    return function == 4 ? units[unit]->tab_input_registers : units[unit]->tab_registers;
}

/* The words of a number; A is its most significant byte. libmodbus has helpers for this,
 * but what they call ABCD differs between its versions (3.1.6 swaps the bytes of each
 * word on a little-endian machine). */
static int set_number(const char *kind, const char *order, const char *text, uint16_t *words)
{
    uint32_t bits;
    int bytes = kind[1] == '1' ? 2 : 4, at;
    if (kind[0] == 'f') {
        float value = strtof(text, NULL);
        memcpy(&bits, &value, sizeof bits);
    } else {
        bits = (uint32_t)strtoll(text, NULL, 10);
    }
    for (at = 0; at < bytes; at++) {
        uint32_t byte = bits >> 8 * (bytes - 1 - (order[at] - 'A')) & 0xff;
        if (at % 2 == 0)
            words[at / 2] = (uint16_t)(byte << 8);
        else
            words[at / 2] |= (uint16_t)byte;
    }
    return bytes / 2;
}

/* Registers of which the input says nothing: who they are, and at every address that
 * ends in 1 how many requests the unit has been asked. */
static void count(int unit)
{
    int at;
    served[unit]++;
    for (at = 1; at < 100; at += 10) {
        units[unit]->tab_registers[at] = served[unit];
        units[unit]->tab_input_registers[at] = served[unit];
    }
}

static void read_registers(void)
{
    int unit, function, address, at, n;
    char kind[8], order[8], value[64];
    for (unit = 1; unit <= UNITS; unit++) {
        units[unit] = modbus_mapping_new(0, 0, HELD, HELD);
        if (!units[unit])
            fail("mapping");
        for (at = 0; at < HELD; at++) {
            units[unit]->tab_registers[at] = (uint16_t)(unit << 12 | at);
            units[unit]->tab_input_registers[at] = (uint16_t)(unit << 12 | 0x800 | at);
        }
    }
    while (scanf("%d %d %d %7s %7s %63s", &unit, &function, &address, kind, order, value) == 6) {
        uint16_t *words = registers(unit, function) + address;
        n = set_number(kind, order, value, words);
        printf("held %d %d %d", unit, function, address);
        for (at = 0; at < n; at++)
            printf(" %04x", words[at]);
        printf("\n");
    }
}

/* Answers until the connection ends. */
static void serve(modbus_t *context)
{
    uint8_t query[MODBUS_MAX_ADU_LENGTH];
    int header = modbus_get_header_length(context);
    for (;;) {
        int unit, length = modbus_receive(context, query);
        if (length < 0 && header == 1)
            continue; /* noise on the serial line */
        if (length < 0)
            return;
        if (length == 0)
            continue;
        unit = query[header - 1];
        if (unit < 1 || unit > UNITS) {
            modbus_reply_exception(context, query, MODBUS_EXCEPTION_GATEWAY_TARGET);
            continue;
        }
        count(unit);
        modbus_reply(context, query, length, units[unit]);
    }
}

static void serve_tcp(int port)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    modbus_t *context = modbus_new_tcp("127.0.0.1", port);
    int listening = context ? modbus_tcp_listen(context, 4) : -1;
    if (listening < 0 || getsockname(listening, (struct sockaddr *)&address, &size) < 0)
        fail("listen");
    printf("ready %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        if (modbus_tcp_accept(context, &listening) < 0)
            fail("accept");
        serve(context);
        modbus_close(context);
    }
}

static void serve_rtu(const char *path)
{
    modbus_t *context = modbus_new_rtu(path, 115200, 'N', 8, 1);
    if (!context || modbus_set_slave(context, 1) < 0 || modbus_connect(context) < 0)
        fail(path);
    printf("ready 0\n");
    fflush(stdout);
    serve(context);
}

int main(int argc, char **argv)
{
    read_registers();
    if (argc == 3 && strcmp(argv[1], "rtu") == 0)
        serve_rtu(argv[2]);
    else
        serve_tcp(argc == 3 ? atoi(argv[2]) : 0);
    return 0;
}
