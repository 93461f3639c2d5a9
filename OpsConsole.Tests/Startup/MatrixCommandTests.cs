using Microsoft.Extensions.Configuration;
using OpsConsole.Core.Authority;
using OpsConsole.Features.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Startup;

/// <summary><c>OpsConsole.dll matrix …</c>, as a pipeline runs it.</summary>
public sealed class MatrixCommandTests : IAsyncLifetime
{
    private const string Good = "default: deny\nrules:\n  - id: R-1\n    action: refund.create\n    consequence: low\n    outcome: approve\n    approvers: [group:leads]\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("opsconsole-test-").FullName;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string[] args, params (string, string?)[] settings)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Item1, s => s.Item2)).Build();
        return (await new MatrixCommand(configuration, output, errors).RunAsync(args), output.ToString(), errors.ToString());
    }

    [Fact]
    public async Task Check_Good_Exits0()
    {
        var (exit, output, errors) = await RunAsync(["check", File("m.yaml", Good)]);
        Assert.Equal((0, ""), (exit, output));
        Assert.EndsWith("m.yaml: 1 rule, 0 boundaries, 0 errors, 0 warnings.\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Errors_Exits1_OneFindingALine()
    {
        var (exit, output, _) = await RunAsync(["check", File("m.yaml", Good + "  - id: R-7\n    action: mail.send\n    outcome: approve\n  - id: R-7\n    action: mail.send\n    outcome: deny\n    consequence: low\n")]);
        Assert.Equal(1, exit);
        var lines = output.TrimEnd('\n').Split('\n');
        Assert.Contains(lines, l => l.StartsWith("error rule.no_approver R-7 rules[1].approvers: ", StringComparison.Ordinal));
        Assert.All(lines, l => Assert.Matches("^(error|warning) [a-z_.]+ [^ ]+ [^ ]+: .+", l));
    }

    [Fact]
    public async Task Check_WithACatalogue_WarnsOfWhatNoRowCovers()
    {
        var matrix = File("m.csv", "action,outcome,approvers,consequence\nrefund.create,approve,leads,low\n");
        foreach (var catalogue in (string[])[File("a.json", """[{"action":"mail.send"},{"action":"refund.create","consequence":"low"}]"""), File("b.json", """{"items":[{"action":"mail.send"},{"action":"refund.create","consequence":"low"}],"next":null}"""), File("c.yaml", "- action: mail.send\n- action: refund.create\n  consequence: low\n")])
        {
            var (exit, output, _) = await RunAsync(["check", matrix, "--catalogue", catalogue]);
            Assert.Equal(0, exit);
            Assert.Contains("mail.send", Assert.Single(output.TrimEnd('\n').Split('\n')));
        }
        Assert.Equal(2, (await RunAsync(["check", matrix, "--catalogue", File("d.json", "[{}]")])).Exit);
    }

    [Fact]
    public async Task Check_Unreadable_Exits2_AndSaysWhere()
    {
        Assert.Contains("m.yaml: Line 2: rules must be a list", (await Refused(["check", File("m.yaml", "default: deny\nrules: 5\n")])));
        var rows = await Refused(["check", File("m.csv", "action,outcome\nx,perhaps\n,deny\n")]);
        Assert.Contains("m.csv:2: outcome: ", rows);
        Assert.Contains("m.csv:3: action: ", rows);
        Assert.Contains("must end in", await Refused(["check", File("m.txt", "")]));
        Assert.Contains("no such file", await Refused(["check", Path.Combine(_folder, "nothing.yaml")]));
        Assert.Contains("larger than 2 MB", await Refused(["check", File("big.yaml", new string('#', 3_000_000))]));
        Assert.Contains("larger than 256 KB", await Refused(["check", File("small.yaml", "default: deny\n"), "--catalogue", File("big.json", new string(' ', 300_000))]));
        Assert.Contains("matrix check FILE", await Refused(["check"]));
        Assert.Contains("matrix check FILE", await Refused(["chek", "x"]));
        Assert.Contains("no option --colour", await Refused(["check", "x.yaml", "--colour", "red"]));
        Assert.Contains("--catalogue needs a value", await Refused(["check", "x.yaml", "--catalogue"]));

        static async Task<string> Refused(string[] args)
        {
            var (exit, output, errors) = await RunAsync(args);
            Assert.Equal((2, ""), (exit, output));
            return errors;
        }
    }

    [Fact]
    public async Task TheProgram_KnowsTheCommand()
    {
        var dll = Repository.PathTo("OpsConsole", "bin", "Release", "net10.0", "OpsConsole.dll");
        var (exit, output, errors) = await Programs.RunAsync("dotnet", [dll, "matrix", "check", File("m.yaml", Good + "  - id: R-2\n    action: mail.send\n    outcome: approve\n")], TimeSpan.FromMinutes(1));
        Assert.True(exit == 1 && output.StartsWith("error rule.no_approver R-2 ", StringComparison.Ordinal), output + errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Export_BesideTheConsoleOrThroughIt_IsTheSame(bool remote)
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var spine = await Spine.BuildAsync(host);
        string[] from = remote ? ["--url", host.Url!] : [];
        (string, string?)[] settings = remote ? [] : [("OpsConsole:Data:Directory", host.Folder)];
        using var token = new Token(ConsoleHost.AdminToken);
        var stored = (await host.Admin.GetStringAsync($"/api/v1/rollouts/{spine.Rollout}/matrix"));
        foreach (var (which, format) in ((string?, MatrixFormat)[])[(null, MatrixFormat.Json), ("draft", MatrixFormat.Yaml), ("in-force", MatrixFormat.Csv), ("1", MatrixFormat.Yaml)]) await Export(which, format);

        var file = Path.Combine(_folder, "out.yaml");
        Assert.Equal((0, "", ""), await RunAsync(["export", "--rollout", "SUPPORT", "--out", file, .. from], settings));
        Assert.Equal(stored, MatrixJson.ToJson(MatrixFormats.Read(await System.IO.File.ReadAllTextAsync(file), MatrixFormat.Yaml).Value));
        Assert.Contains("no rollout 'ghost'", await Refused("ghost", "draft"));
        Assert.Matches("no version '9'|no such version", await Refused("Support", "9"));
        Assert.Contains("draft, in-force", await Refused("Support", "latest"));
        await ConsoleHost.PostAsync(host.Admin, "/api/v1/rollouts", new { name = "support", purpose = "p", time_zone = "UTC" }, 201);
        Assert.Contains(spine.Rollout, await Refused("Support", "draft"));
        Assert.Contains("ever published", await Refused((await ConsoleHost.PostAsync(host.Admin, "/api/v1/rollouts", new { name = "New", purpose = "p", time_zone = "UTC" }, 201)).GetProperty("id").GetString()!, "in-force"));

        async Task Export(string? which, MatrixFormat format)
        {
            var (exit, output, errors) = await RunAsync(["export", "--rollout", spine.Rollout, .. which is null ? Array.Empty<string>() : ["--version", which], "--format", MatrixFormats.Extension(format), .. from], settings);
            Assert.Equal((0, ""), (exit, errors));
            Assert.Equal(stored, MatrixJson.ToJson(MatrixFormats.Read(output, format).Value));
        }

        async Task<string> Refused(string rollout, string version)
        {
            var (exit, output, errors) = await RunAsync(["export", "--rollout", rollout, "--version", version, .. from], settings);
            Assert.Equal((2, ""), (exit, output));
            return errors;
        }
    }

    [Fact]
    public async Task Check_OfAThousandRows_InEveryForm()
    {
        foreach (var format in Enum.GetValues<MatrixFormat>())
        {
            var (_, output, errors) = await RunAsync(["check", File("m." + MatrixFormats.Extension(format), MatrixFormats.Write(OpsConsole.Http.MatrixFormatTests.Long(1_000), format))]);
            Assert.Contains("1,000 rules, 1 boundary, 0 errors", errors);
            Assert.DoesNotContain("error ", output);
        }
    }

    [Fact]
    public async Task Import_SavesThroughTheConsole_AndSaysWhatChanged()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var spine = await Spine.BuildAsync(host);
        using var token = new Token(ConsoleHost.AdminToken);
        var path = $"/api/v1/rollouts/{spine.Rollout}/matrix";
        var matrix = MatrixFormats.Read(await host.Admin.GetStringAsync(path), MatrixFormat.Json).Value;
        var file = Path.Combine(_folder, "m.csv");
        await System.IO.File.WriteAllTextAsync(file, MatrixFormats.Write(matrix, MatrixFormat.Csv));

        var (exit, output, errors) = await ImportAsync();
        Assert.True(exit == 0, output + errors);
        Assert.Contains("says this already", errors);

        await System.IO.File.WriteAllTextAsync(file, MatrixFormats.Write(matrix with { Rules = [.. matrix.Rules.Skip(1).Select(r => r.Id == "R-3" ? r with { Sla = TimeSpan.FromMinutes(5), Approvers = ["group:ghosts"] } : r), matrix.Rules[1] with { Id = "R-9" }] }, MatrixFormat.Csv));
        var before = await host.Admin.GetStringAsync(path);
        (exit, output, errors) = await ImportAsync("--dry-run");
        Assert.Equal(before, await host.Admin.GetStringAsync(path));
        Assert.Contains("\n- R-1 is gone.", "\n" + errors);
        Assert.Contains("\n~ R-3", errors);
        Assert.Contains("\n+ New row R-9 after R-7", errors);

        (exit, output, errors) = await ImportAsync();
        Assert.Equal(1, exit);   // saved, but the console knows that there is no such group
        Assert.Contains("Saved as draft v", errors);
        Assert.Contains("error approver.unknown R-3 ", output);
        Assert.Contains("R-9", await host.Admin.GetStringAsync(path));

        Assert.Contains("401", (await ImportAsync(with: "opp_wrong_" + new string('x', 43))).Errors);
        Assert.Contains("--url", (await RunAsync(["import", file, "--rollout", spine.Rollout])).Errors);
        Assert.Contains("OPSCONSOLE_TOKEN", (await ImportAsync(with: "")).Errors);
        Assert.Contains("must be an http", (await RunAsync(["import", file, "--rollout", spine.Rollout, "--url", "ftp://x"])).Errors);

        async Task<(int Exit, string Output, string Errors)> ImportAsync(string? flag = null, string? with = null)
        {
            using var other = new Token(with ?? ConsoleHost.AdminToken);
            return await RunAsync(["import", file, "--rollout", "Support", "--url", host.Url!, .. flag is null ? Array.Empty<string>() : [flag]]);
        }
    }

    // The token comes from the environment, so that it is in nobody's list of processes.
    private sealed class Token : IDisposable
    {
        private readonly string? _before = Environment.GetEnvironmentVariable(RemoteConsole.TokenName);
        public Token(string token) => Environment.SetEnvironmentVariable(RemoteConsole.TokenName, token);
        public void Dispose() => Environment.SetEnvironmentVariable(RemoteConsole.TokenName, _before);
    }
}
