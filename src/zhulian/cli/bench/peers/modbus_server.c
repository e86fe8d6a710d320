/* An independent Modbus TCP server on libmodbus: the peer of our driver's tests and of `zhulian bench edge`.
 *
 * usage: modbus_server PORT REGISTERS DELAY_MS
 *
 * Serves holding and input registers 0..REGISTERS-1 and as many coils and discrete inputs on 127.0.0.1, to any number
 * of connections. Register i holds i at first, except:
 *   registers 0-1   seconds since the start, uint32 big endian
 *   registers 2-3   the float32 21.5, big endian
 *   registers 4-5   a float32 NaN
 * Coil i is i % 2. Prints "ready PORT" when it listens; ends on end of input. DELAY_MS holds every answer back.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static void put_float(uint16_t *registers, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    registers[0] = bits >> 16;
    registers[1] = bits & 0xFFFF;
}

static void fill(modbus_mapping_t *map, int count)
{
    for (int i = 0; i < count; i++) {
        map->tab_registers[i] = map->tab_input_registers[i] = i;
        map->tab_bits[i] = map->tab_input_bits[i] = i % 2;
    }
    put_float(map->tab_registers + 2, 21.5f);
    put_float(map->tab_registers + 4, 0.0f / 0.0f);
}

static void tick(modbus_mapping_t *map, time_t start)
{
    uint32_t seconds = time(NULL) - start;
    map->tab_registers[0] = seconds >> 16;
    map->tab_registers[1] = seconds & 0xFFFF;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: modbus_server PORT REGISTERS DELAY_MS\n");
        return 2;
    }
    int port = atoi(argv[1]), count = atoi(argv[2]), delay_ms = atoi(argv[3]);
    time_t start = time(NULL);
    modbus_t *server = modbus_new_tcp("127.0.0.1", port);
    modbus_mapping_t *map = modbus_mapping_new(count, count, count, count);
    if (!server || !map)
        return 1;
    fill(map, count);
    int listener = modbus_tcp_listen(server, 64);
    if (listener < 0) {
        fprintf(stderr, "cannot listen on %d: %s\n", port, modbus_strerror(errno));
        return 1;
    }
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    getsockname(listener, (struct sockaddr *)&own, &size);
    printf("ready %d\n", ntohs(own.sin_port));
    fflush(stdout);

    fd_set open_set, ready;
    FD_ZERO(&open_set);
    FD_SET(listener, &open_set);
    FD_SET(STDIN_FILENO, &open_set);
    int highest = listener;
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        ready = open_set;
        if (select(highest + 1, &ready, NULL, NULL, NULL) < 0)
            return 1;
        if (FD_ISSET(STDIN_FILENO, &ready) && read(STDIN_FILENO, query, sizeof query) <= 0)
            return 0;
        tick(map, start);
        for (int fd = 3; fd <= highest; fd++) {
            if (!FD_ISSET(fd, &ready))
                continue;
            if (fd == listener) {
                int client = accept(listener, NULL, NULL);
                if (client >= 0 && client < FD_SETSIZE) {
                    FD_SET(client, &open_set);
                    highest = client > highest ? client : highest;
                }
                continue;
            }
            modbus_set_socket(server, fd);
            int length = modbus_receive(server, query);
            if (length > 0) {
                if (delay_ms)
                    usleep(delay_ms * 1000);
                modbus_reply(server, query, length, map);
            } else if (length < 0) {
                close(fd);
                FD_CLR(fd, &open_set);
            }
        }
    }
}
