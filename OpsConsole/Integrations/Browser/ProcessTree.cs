using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace OpsConsole.Integrations.Browser;

/// <summary>
/// A program and all that it starts, at low priority, without the console's environment. On Linux it is a session of its own: what is in it, or
/// works in its folder, is found and ended even after its first process is gone; and should the console itself be killed, it ends by itself half a minute after its time.
/// </summary>
internal sealed class ProcessTree : IDisposable
{
    // What a browser needs to know of its surroundings. Everything else may be a secret of the console (ConnectionStrings__Postgres) and stays here.
    private static readonly string[] Passed = ["PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TZDIR", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_DATA_DIRS", "LD_LIBRARY_PATH", "SystemRoot", "windir", "ProgramFiles", "ProgramFiles(x86)", "ProgramData", "LOCALAPPDATA"];
    // Where the kernel shares the processors out by session (autogroup, sched(7)), each session gets as much as the console's and nice counts only among its own processes: the session itself has to give way. 15: a twentieth of a processor that the console wants too, so that a print still ends in its time. Accounts
    // other than root may say so ten times a second, all together.
    private const string GiveWay = "for n in 1 2 3 4 5; do [ -w /proc/self/autogroup ] || break; { echo 15 >/proc/self/autogroup; } 2>/dev/null && break; sleep 0.1; done; exec \"$@\"";
    private const int MostWords = 4_000;
    private const int Sigkill = 9;

    private readonly Process _process;
    private readonly string _folder;
    private readonly bool _session;
    private readonly StringBuilder _words = new();

    private ProcessTree(Process process, string folder, bool session)
    {
        _process = process;
        _folder = folder;
        _session = session;
        Id = process.Id;
        process.StandardInput.Close();
        Listening = Task.WhenAll(ListenAsync(process.StandardOutput), ListenAsync(process.StandardError));
    }

    /// <summary>Its first process, and on Linux the number of its session.</summary>
    public int Id { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>The end of what it wrote to its two outputs.</summary>
    public string LastWords
    {
        get { lock (_words) return _words.ToString().Trim(); }
    }

    /// <summary>Complete when nobody can write to its outputs any more.</summary>
    public Task Listening { get; }

    /// <param name="folder">Where it works, and its home and place for temporary files.</param>
    /// <param name="most">How long it is meant to run; only a console that was killed leaves it to end by itself.</param>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static ProcessTree Start(string program, IEnumerable<string> arguments, string folder, TimeSpan most)
    {
        List<string> wrappers = [];
        if (OperatingSystem.IsLinux() && (OnPath.Find("setsid"), OnPath.Find("sh"), OnPath.Find("timeout"), OnPath.Find("nice")) is ({ } setsid, { } sh, { } timeout, { } nice))
        {
            wrappers.AddRange([setsid, sh, "-c", GiveWay, "sh", timeout, "-s", "KILL", ((int)most.TotalSeconds + 30).ToString(CultureInfo.InvariantCulture), nice, "-n", "10"]);
            // As root a browser sets its own priority, and higher than ours; without this right it cannot.
            if (Environment.IsPrivilegedProcess && OnPath.Find("setpriv") is { } setpriv) wrappers.AddRange([setpriv, "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"]);
        }
        string[] line = [.. wrappers, program, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, CreateNoWindow = true };
        start.Environment.Clear();
        foreach (var name in Passed)
            if (Environment.GetEnvironmentVariable(name) is { } value) start.Environment[name] = value;
        foreach (var name in (string[])["HOME", "TMPDIR", "TEMP", "TMP", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]) start.Environment[name] = folder;
        start.Environment["DBUS_SESSION_BUS_ADDRESS"] = "disabled:";
        return new ProcessTree(Process.Start(start) ?? throw new Win32Exception("No process was started."), folder, wrappers.Count > 0);
    }

    public Task WaitAsync() => _process.WaitForExitAsync();

    /// <summary>Bytes that its processes have for themselves alone; 0 where that cannot be told.</summary>
    public long Memory()
    {
        long pages = 0;
        foreach (var member in Members())
        {
            try
            {
                var sizes = File.ReadAllText($"/proc/{member}/statm").Split(' ');   // size resident shared …
                pages += long.Parse(sizes[1], CultureInfo.InvariantCulture) - long.Parse(sizes[2], CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it ended meanwhile
            }
        }
        return pages * Environment.SystemPageSize;
    }

    /// <summary>Ends all of it and waits until it is gone, for seconds at most.</summary>
    public async Task KillAsync()
    {
        var limit = Stopwatch.StartNew();
        do
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: !_session);
            // Again while somebody is there: one that was just being started may have been missed.
            if (_session) foreach (var member in Members()) _ = kill(member, Sigkill);
            if (_process.HasExited && Members().Count == 0) break;
            await Task.Delay(10);
        }
        while (limit.Elapsed < TimeSpan.FromSeconds(5));
        await Task.WhenAny(Listening, Task.Delay(TimeSpan.FromSeconds(1)));
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The living processes of the session, and those that left it (Chromium's crash handlers do) but not the folder.</summary>
    private List<int> Members()
    {
        List<int> members = [];
        if (!_session) return members;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                var stat = File.ReadAllText(folder + "/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 5);   // state, parent, group, session; before them a name that may hold anything
                if (fields[0] is "Z" or "X") continue;
                if (fields[3] == Id.ToString(CultureInfo.InvariantCulture) || new FileInfo(folder + "/cwd").LinkTarget == _folder) members.Add(id);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it ended meanwhile, or is somebody else's
            }
        }
        return members;
    }

    private async Task ListenAsync(StreamReader output)
    {
        var buffer = new char[1024];
        try
        {
            while (await output.ReadAsync(buffer) is > 0 and var read)
            {
                lock (_words)
                {
                    _words.Append(buffer, 0, read);
                    if (_words.Length > MostWords) _words.Remove(0, _words.Length - MostWords);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // what it says after its end is nobody's business
        }
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
