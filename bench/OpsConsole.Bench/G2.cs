using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace OpsConsole.Bench;

/// <summary>The same question to the service that somebody would write instead. Run it under slowdisk/run.sh for the second half of the goal.</summary>
internal static class G2
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var slow = Environment.GetEnvironmentVariable("LD_PRELOAD")?.Contains("slowdisk", StringComparison.Ordinal) ?? false;
        var folder = Directory.CreateTempSubdirectory("opsconsole-peer-");
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        using var peer = Process.Start(new ProcessStartInfo(Script(), [port.ToString(System.Globalization.CultureInfo.InvariantCulture), Path.Combine(folder.FullName, "peer.db"), "SECRET"]) { RedirectStandardOutput = true })!;
        try
        {
            while (await peer.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith("listening", StringComparison.Ordinal)) { }
            var address = new Uri($"http://127.0.0.1:{port}");
            await using var subject = await Subject.StartAsync();
            var callers = arguments.Number("callers", 32);
            var console = new Load(subject.Program.Address, subject.Ask(), callers, arguments.Duration);
            var fastify = new Load(address, RequestTemplate.Post(address, "/api/v1/decisions", BaselineServer.Body, "SECRET"), callers, arguments.Duration);
            await LoadGenerator.RunAsync(console with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 12)) });
            await LoadGenerator.RunAsync(fastify with { Duration = TimeSpan.FromSeconds(3) });
            return (await Ratio.MeasureAsync($"g2: console / fastify + better-sqlite3{(slow ? ", slow disk" : "")}, {callers} callers", slow ? 10 : 3.5, () => LegAsync("fastify", fastify), () => LegAsync("console", console))).ExitCode;
        }
        finally
        {
            peer.Kill(entireProcessTree: true);
            await peer.WaitForExitAsync();
            folder.Delete(recursive: true);
        }
    }

    private static async Task<double> LegAsync(string name, Load load) => (await LoadGenerator.RunAsync(load)).PrintedAs(name).RequestsPerSecond;

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, "peer-fastify", "start.sh");
            if (File.Exists(script)) return script;
        }
        throw new FileNotFoundException("bench/peer-fastify/start.sh");
    }
}
