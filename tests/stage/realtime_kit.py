"""RealtimeKit as a desktop has it: a system bus of the stage's own, polkit, and the kit itself. Linux as root.

For what runs with `environment` in its surroundings; the machine's own bus, if any, is left alone.
"""

import os
import subprocess
import time
from pathlib import Path

KIT, POLKIT = Path("/usr/libexec/rtkit-daemon"), Path("/usr/lib/polkit-1/polkitd")
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:abstract=rendezvous-kit-{ours}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""
START_LIMIT_S = 15.0


def why_no_realtime_kit() -> str:
    """Empty when it can be started here."""
    if os.geteuid() != 0:
        return "RealtimeKit can be started as root only"
    missing = [str(path) for path in (KIT, POLKIT) if not path.exists()]
    return f"RealtimeKit is not installed ({', '.join(missing)})" if missing else ""


class RealtimeKit:
    """`start` before use, `stop` after."""

    def __init__(self, folder: Path) -> None:
        self._configuration = folder / "bus.conf"
        self._configuration.write_text(_BUS.format(ours=os.getpid()))
        self._processes: list[subprocess.Popen[bytes]] = []
        self.environment = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:abstract=rendezvous-kit-{os.getpid()}"}

    def start(self) -> "RealtimeKit":
        self._begin("dbus-daemon", f"--config-file={self._configuration}", "--nofork", "--nopidfile", "--nosyslog")
        for name, command in (("org.freedesktop.PolicyKit1", POLKIT), ("org.freedesktop.RealtimeKit1", KIT)):
            self._begin(str(command))
            self._wait_for(name)
        return self

    def _begin(self, *command: str) -> None:
        surroundings = os.environ | self.environment
        quiet = subprocess.DEVNULL
        self._processes.append(subprocess.Popen(command, env=surroundings, stdout=quiet, stderr=quiet))

    def _wait_for(self, name: str) -> None:
        """Until that name is on the bus. Raises RuntimeError when it does not come."""
        from jeepney import DBusAddress, new_method_call
        from jeepney.io.blocking import open_dbus_connection

        bus_itself = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            try:
                with open_dbus_connection(bus=self.environment["DBUS_SYSTEM_BUS_ADDRESS"]) as bus:
                    asked = new_method_call(bus_itself, "NameHasOwner", "s", (name,))
                    if bus.send_and_get_reply(asked, timeout=START_LIMIT_S).body[0]:
                        return
            except OSError:  # the bus itself is only starting
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{name} did not come to the bus within {START_LIMIT_S:.0f} s")

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            process.wait(10)
        self._processes.clear()
