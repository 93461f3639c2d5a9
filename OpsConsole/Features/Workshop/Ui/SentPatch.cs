using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>What <c>worksheet.js</c> sends; nothing of it is checked yet.</summary>
public sealed record SentPatch(string? Id, string? Field, string[]? Over, string? Value)
{
    /// <summary>How the id of a patch begins that was chosen, not typed.</summary>
    public const string Chosen = "take-";

    public static PatchRequest[] Requests(SentPatch?[]? patches) => [.. (patches ?? []).Select(p => new PatchRequest(p?.Id ?? "", p?.Field ?? "", p?.Over ?? [], p?.Value ?? ""))];

    /// <summary>One word for each: null where it is on record, <c>again</c> where trying later may help, else what is wrong. All in one; where one of them is refused, each by itself, so that it keeps none of the others off the record.</summary>
    public static async Task<string?[]> AnswersAsync(PatchRequest[] requests, Func<PatchRequest[], Task<Fault?>> send)
    {
        var answers = new string?[requests.Length];
        var all = await send(requests);
        if (all is null || Word(all) is "again") Array.Fill(answers, all is null ? null : "again");
        else if (requests.Length is 1 or > PatchRequest.MostAtOnce) Array.Fill(answers, Word(all));
        else for (var i = 0; i < requests.Length; i++) answers[i] = await send([requests[i]]) is { } fault ? Word(fault) : null;
        return answers;
    }

    private static string Word(Fault fault) => fault.Kind is FaultKind.Unavailable ? "again" : fault.Message;
}
