using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Toolkit;

namespace OpsConsole.Integrations.Browser;

/// <summary>A folder in which presses work during a test. Ends by looking for what they left behind: files, and processes that work in it or have it in their environment.</summary>
internal sealed class PressBench : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("o").FullName;   // short, as its folder of jobs: browsers make sockets in there, whose path may have 107 characters

    public PressBench() => Directory.CreateDirectory(Jobs);

    private string Jobs => Path.Combine(_root, "j");

    public string PathTo(string name) => Path.Combine(_root, name);

    public ChromiumPress Press(PressOptions options) => Press(options, Jobs);

    public static ChromiumPress Press(PressOptions options, params string[] folders) => new(Options.Create(options), NullLogger<ChromiumPress>.Instance) { Folders = folders };

    /// <summary>A press with a real browser; plenty of time, because the tests beside it want the processors too.</summary>
    /// <param name="browser">Null: the one that the console finds.</param>
    public ChromiumPress RealPress(string? browser) => Press(new PressOptions { Browser = browser, PrintSeconds = 120 });

    /// <summary>A shell script that stands for a browser. It may use: <c>$pdf</c>, where the PDF is wanted; <c>$here</c>, a folder that stays; <c>once NAME</c>, true the first time.</summary>
    public string Script(string body, string name = "browser")
    {
        var file = PathTo(name);
        File.WriteAllText(file, $$"""
            #!/bin/sh
            here='{{_root}}'
            echo . >>"$here/calls"
            for argument; do case $argument in --print-to-pdf=*) pdf=${argument#*=} ;; esac; done
            once() { [ ! -e "$here/$1" ] && : >"$here/$1"; }
            {{body}}
            """.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return file;
    }

    /// <summary>How often scripts were started.</summary>
    public int Calls => File.Exists(PathTo("calls")) ? File.ReadAllLines(PathTo("calls")).Length : 0;

    /// <summary>What presses left: names of files, command lines of processes. Empty as it should be.</summary>
    public IReadOnlyList<string> Left() => [.. Directory.EnumerateFileSystemEntries(Jobs), .. Processes()];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private IEnumerable<string> Processes()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            string line;
            try
            {
                // Chromium's processes write over their environment; they stay where they were started.
                if (new FileInfo(process + "/cwd").LinkTarget?.Contains(Jobs, StringComparison.Ordinal) != true && !File.ReadAllText(process + "/environ").Contains(Jobs, StringComparison.Ordinal)) continue;
                line = File.ReadAllText(process + "/cmdline").Replace('\0', ' ');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                continue;   // it ended meanwhile, or is somebody else's
            }
            yield return line;
        }
    }
}

internal static class PressExtensions
{
    public static Task<Result<byte[]>> PrintAsync(this IPress press, string html, CancellationToken ct) => press.PrintAsync(() => Task.FromResult<Result<string>>(html), ct);
}
