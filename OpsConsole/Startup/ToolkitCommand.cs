using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Toolkit;

namespace OpsConsole.Startup;

/// <summary>
/// <c>toolkit --rollout … --out FILE</c> and <c>toolkit verify FILE</c>, through the API of a running console, so that every export is on record. Answers go to <paramref name="output"/>, everything else to
/// <paramref name="errors"/>.
/// </summary>
internal sealed class ToolkitCommand(TextWriter output, TextWriter errors)
{
    public const int Good = 0, NotOurs = 1, Failed = 2;

    private const string Usage = """
        toolkit --rollout ID|NAME --out FILE --url URL [--documents canvas,authority,…] [--blank] [--paper a4|letter]
        toolkit verify FILE --url URL
        --url is where the console runs; its token is read from OPSCONSOLE_TOKEN (scopes rollouts and toolkit; incidents, too, for the log of incidents).
        Exit code: 0 all is well, 1 the file is none of this console's or was altered, 2 it could not be printed, read or asked about.
        """;

    /// <param name="token">Instead of the one in the environment.</param>
    public async Task<int> RunAsync(string[] args, string? token = null)
    {
        try
        {
            return args is ["verify", .. var rest] ? await VerifyAsync(MatrixArguments.Read(rest, "url"), token) : await ExportAsync(MatrixArguments.Read(args, "rollout", "out", "url", "documents", "blank!", "paper"), token);
        }
        // Whatever it was, a script must hear about it.
        catch (Exception e)
        {
            return Fail(e.GetBaseException().Message);
        }
    }

    private async Task<int> ExportAsync(MatrixArguments args, string? token)
    {
        if (args.Wrong is { } wrong) return Fail(wrong);
        if (args.Names.Count > 0 || args["rollout"] is not { } rollout || args["out"] is not { } path || args["url"] is not { } url) return Fail(Usage);
        using var console = RemoteConsole.Open(url, errors, token);
        var printed = await console.ToolkitAsync(rollout, $"documents={Uri.EscapeDataString(args["documents"] ?? "")}&blank={(args["blank"] is null ? "false" : "true")}&paper={Uri.EscapeDataString(args["paper"] ?? "")}");
        if (printed.Fault is { } fault) return Fail(fault.Message);
        var (pdf, sha256) = printed.Value;
        if (Convert.ToHexStringLower(SHA256.HashData(pdf)) != sha256) return Fail("What came is not what the console recorded. Nothing was written.");
        await File.WriteAllBytesAsync(path, pdf);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{path}: {pdf.Length} bytes, SHA-256 {sha256}"));
        return Good;
    }

    private async Task<int> VerifyAsync(MatrixArguments args, string? token)
    {
        if (args.Wrong is { } wrong) return Fail(wrong);
        if (args.Names is not [var path] || args["url"] is not { } url) return Fail(Usage);
        await using var file = File.OpenRead(path);
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
        using var console = RemoteConsole.Open(url, errors, token);
        var found = await console.ExportAsync(sha256);
        if (found.Fault is { } fault) return fault.Code == ToolkitArchive.NotOurs ? Say(NotOurs, $"{path}: NOT verified. {fault.Message}") : Fail(fault.Message);
        var e = found.Value;
        await output.WriteLineAsync($"{path}: ours, unaltered. {Text(e, "what")} of {Text(e, "rollout")}, exported by {Text(e, "by_name")} {Text(e, "at")}; worksheets {Number(e, "worksheets")}, matrix {Number(e, "matrix")}, log {Number(e, "log")}");
        return Good;
    }

    // Another machine's words, in somebody's terminal.
    private static string Text(JsonElement element, string name) => VisibleText.Flatten(element.GetProperty(name).GetString()?.ReplaceLineEndings(" "));

    private static string Number(JsonElement element, string name) => element.GetProperty(name).GetInt64().ToString(CultureInfo.InvariantCulture);

    private int Fail(string why) => Say(Failed, why);

    private int Say(int code, string text)
    {
        errors.WriteLine(VisibleText.Flatten(text));
        return code;
    }
}
