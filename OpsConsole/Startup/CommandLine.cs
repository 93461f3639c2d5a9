using System.Globalization;
using OpsConsole.Features.Audit;

namespace OpsConsole.Startup;

/// <summary>What the program does instead of serving, when it is told so: <c>audit verify</c>, <c>account unlock</c>, <c>matrix check|export|import</c>, <c>toolkit</c>, <c>figures verify</c>.</summary>
internal static class CommandLine
{
    /// <summary>The exit code of a command, or null when the console is to start.</summary>
    public static async Task<int?> RunAsync(string[] args, IConfiguration configuration)
    {
        if (args is ["account", ..])
        {
            var (code, said) = await AccountCommand.RunAsync(args, configuration);
            return Say(code == 0 ? Console.Out : Console.Error, code, said);
        }
        if (args is ["matrix", ..]) return await new MatrixCommand(configuration, Console.Out, Console.Error).RunAsync(args[1..]);
        if (args is ["toolkit", ..]) return await new ToolkitCommand(Console.Out, Console.Error).RunAsync(args[1..]);
        if (args is ["figures", ..]) return await FiguresCommand.RunAsync(args, configuration, Console.Out, Console.Error);
        if (args is not ["audit", ..]) return null;
        if (args is not ["audit", "verify", ..]) return Say(Console.Error, 1, "There is one such command: audit verify [--head SEQ:HASH].");
        var kept = configuration["head"] is { } text ? KeptHead.Parse(text) : null;
        if (kept is null && args.Any(a => a.StartsWith("--head", StringComparison.Ordinal))) return Say(Console.Error, 1, "--head takes a head as the console logs it: the number of an entry, a colon, and its chain hash of 64 hex digits.");
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) => { e.Cancel = true; stop.Cancel(); };
        try
        {
            await using var database = OpsOptions.DatabaseBeside(configuration);
            var report = await new AuditVerifier(database).VerifyAsync(new Progress(), stop.Token, kept);
            foreach (var broken in report.Broken) Console.Error.WriteLine($"entry {broken.Seq.ToString(CultureInfo.InvariantCulture)} is broken: {broken.Why}");
            if (report.MoreBroken) Console.Error.WriteLine("… and more");
            if (!report.Intact) return Say(Console.Error, 1, string.Create(CultureInfo.InvariantCulture, $"The log is NOT intact: {report.Entries} entries read, head seq {report.HeadSeq}."));
            Say(Console.Out, 0, string.Create(CultureInfo.InvariantCulture, $"{report.Entries} entries verified, head seq {report.HeadSeq}, chain {report.Chain}"));
            Say(Console.Out, 0, string.Create(CultureInfo.InvariantCulture, $"{report.Payloads} payloads as committed, {report.Redacted} redacted"));
            Say(Console.Out, 0, string.Create(CultureInfo.InvariantCulture, $"{report.Rows.Decisions} decisions, {report.Rows.Approvals} approvals, {report.Rows.Outcomes} outcomes, {report.Rows.Matrices} published matrices and {report.Rows.Signed} reviews and memos as recorded"));
            return Say(Console.Out, 0, $"Not compared, because they are the present state: {VerifyReport.NotCompared}. The entries about them are verified.");
        }
        catch (OperationCanceledException)
        {
            return Say(Console.Error, 1, "Stopped before the end; nothing can be said about the log.");
        }
        // Whatever keeps the log from being read keeps it from being verified, and a script must hear about it.
        catch (Exception e)
        {
            return Say(Console.Error, 1, "The log could not be read: " + e.GetBaseException().Message);
        }
    }

    private static int Say(TextWriter to, int code, string text)
    {
        to.WriteLine(text);
        return code;
    }

    private sealed class Progress : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value)
        {
            if (!Console.IsErrorRedirected) Console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{(value.Rows ? "rows" : "entries")}: {value.Done} of {value.Total} "));
            if (value.Done == value.Total && !Console.IsErrorRedirected) Console.Error.WriteLine();
        }
    }
}
