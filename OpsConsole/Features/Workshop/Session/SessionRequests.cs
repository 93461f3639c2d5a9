using OpsConsole.Core.Session;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>Time boxes of a new session.</summary>
/// <param name="Minutes">One number for each of the seven items; absent: two hours in all.</param>
internal sealed record OpenSessionRequest(IReadOnlyList<int>? Minutes)
{
    public static OpenSessionRequest Read(Fields fields)
    {
        var minutes = fields.Any("minutes");
        if (minutes.ValueKind == System.Text.Json.JsonValueKind.Undefined) return new(default(IReadOnlyList<int>));
        var most = (int)Agenda.Longest.TotalMinutes;
        List<int> read = [];
        if (minutes.ValueKind == System.Text.Json.JsonValueKind.Array && minutes.GetArrayLength() == Agenda.Usual.Count)
            foreach (var item in minutes.EnumerateArray()) if (item.ValueKind == System.Text.Json.JsonValueKind.Number && item.TryGetInt32(out var m) && m >= 1 && m <= most) read.Add(m);
        if (read.Count != Agenda.Usual.Count) fields.Refuse("minutes", $"must be a list of {Agenda.Usual.Count} whole numbers from 1 to {most}.");
        return new(read);
    }
}

internal sealed record ItemRequest(int Item)
{
    public static ItemRequest Read(Fields fields) => new(Index(fields));
    internal static int Index(Fields fields) => Needed(fields, "item", 0, Agenda.Usual.Count - 1);

    internal static int Needed(Fields fields, string name, int min, int max)
    {
        fields.Any(name, required: true);
        return (int)(fields.Whole(name, min, max) ?? 0);
    }
}

internal sealed record ClockRequest(bool Running)
{
    public static ClockRequest Read(Fields fields) => new(Flag(fields, "running"));

    internal static bool Flag(Fields fields, string name)
    {
        fields.Any(name, required: true);
        return fields.Flag(name) ?? false;
    }
}

internal sealed record BoxRequest(int Item, int Minutes)
{
    public static BoxRequest Read(Fields fields) => new(ItemRequest.Index(fields), ItemRequest.Needed(fields, "minutes", 1, (int)Agenda.Longest.TotalMinutes));
}

internal sealed record ReadyRequest(bool Ready)
{
    public static ReadyRequest Read(Fields fields) => new(ClockRequest.Flag(fields, "ready"));
}

/// <param name="To">E-mail or id.</param>
internal sealed record HandOverRequest(string To)
{
    public static HandOverRequest Read(Fields fields) => new(fields.Text("to", 254, required: true) ?? "");
}

/// <param name="Path">An address of the rollout's own pages, such as <c>/rollouts/rol_…/matrix</c>.</param>
internal sealed record GatherRequest(string Path)
{
    public static GatherRequest Read(Fields fields) => new(fields.Text("path", Gathering.MostCharacters, required: true) ?? "");
}

internal sealed record StepRequest(int Step)
{
    public static StepRequest Read(Fields fields) => new(Number(fields));
    internal static int Number(Fields fields) => ItemRequest.Needed(fields, "step", 1, 6);
}

/// <param name="Confidence">1 (not at all) to 5 (fully).</param>
internal sealed record VoteRequest(int Step, int Confidence)
{
    public static VoteRequest Read(Fields fields) => new(StepRequest.Number(fields), ItemRequest.Needed(fields, "confidence", 1, 5));
}

internal sealed record QuestionRequest(string Question)
{
    public const int MostCharacters = 300;
    public static QuestionRequest Read(Fields fields) => new((fields.Text("question", MostCharacters, required: true) ?? "").Trim());
}

/// <param name="Text">Empty takes it back.</param>
internal sealed record WriteRequest(string Text)
{
    public const int MostCharacters = 4_000;

    public static WriteRequest Read(Fields fields)
    {
        fields.Any("text", required: true);
        return new(fields.Text("text", MostCharacters) ?? "");
    }
}

/// <summary>Nothing needs to be said: <c>{}</c>.</summary>
internal sealed record NothingRequest
{
    public static NothingRequest Read(Fields fields) => new();
}

internal sealed record JoinRequest(string Code)
{
    public static JoinRequest Read(Fields fields) => new(fields.Text("code", 40, required: true) ?? "");
}
