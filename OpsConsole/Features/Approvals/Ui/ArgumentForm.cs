using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Authority.Ui;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>
/// New arguments while somebody edits them: by fields where the register describes them, as JSON everywhere else and whenever they like. From one to the other nothing that
/// was typed is lost; what fields cannot hold exactly stays JSON.
/// </summary>
internal sealed class ArgumentForm
{
    private readonly JsonElement? _schema;

    public ArgumentForm(JsonElement arguments, JsonElement? schema)
    {
        (_schema, Fields) = (schema, schema is { } given ? SchemaNode.Of(given) : null);
        Load(arguments);
    }

    /// <summary>Null where nobody described the arguments.</summary>
    public SchemaNode? Fields { get; }
    /// <summary>Typed as JSON.</summary>
    public bool Raw { get; private set; }
    /// <summary>Why it stays JSON although there is a form; null when there is no such reason.</summary>
    public string? Odd { get; private set; }
    public string Text { get; set; } = "";

    /// <summary>What was typed as arguments. Faults: JSON that is none; in fields, what does not fit the register's description, with the message beside each field.</summary>
    public Result<JsonElement> Read()
    {
        if (Raw) return ArgumentDraft.Read(Text);
        var typed = Fields!.Read();
        if (typed.Fault is { } fault) return fault;
        var arguments = JsonSerializer.SerializeToElement(typed.Value);
        var misfits = SchemaFit.Misfits(_schema!.Value, arguments);
        var elsewhere = Fields.Mark(misfits);
        if (misfits.Count > 0) return Fault.Invalid("arguments.misfit", "This is not what the register says about the action. " + (elsewhere.Count > 0 ? VisibleText.Flatten(string.Join(' ', elsewhere)) : "See the marked fields.") + " Edit it as JSON to send it all the same.", "arguments");
        return ArgumentDraft.Read(arguments.GetRawText());   // the same limits as for JSON
    }

    /// <summary>What the register would say about arguments that were typed as JSON; a hint, nothing is refused for it.</summary>
    public IReadOnlyList<string> Hints(JsonElement arguments) => Raw && _schema is { } schema ? [.. SchemaFit.Misfits(schema, arguments).Select(m => VisibleText.Flatten(m.ToString()))] : [];

    /// <summary>From fields to JSON, or back where fields can hold what stands there. Fault: the text is no JSON.</summary>
    public Fault? Switch()
    {
        if (Raw)
        {
            var typed = ArgumentDraft.Read(Text);
            if (typed.Fault is { } wrong) return wrong;
            Load(typed.Value);
            return null;
        }
        var fields = Fields!.Read();
        if (fields.Fault is { } unread) return unread;
        (Raw, Odd, Text) = (true, null, ArgumentDraft.Spell(JsonSerializer.SerializeToElement(fields.Value)));
        return null;
    }

    private void Load(JsonElement arguments)
    {
        Text = ArgumentDraft.Spell(arguments);
        Fields?.Fill(arguments);
        Fields?.Mark([]);
        Odd = Fields is null ? null : Why(arguments);
        Raw = Fields is null || Odd is not null;
    }

    // One line of a form shows neither line breaks nor what is invisible, and has no place for what the description does not know.
    private string? Why(JsonElement arguments)
    {
        var texts = ArgumentLeaf.Of(arguments).Where(l => l.Value.ValueKind == JsonValueKind.String).Select(l => l.Value.GetString()!).ToList();
        if (texts.Any(t => t.Contains('\n') || t.Contains('\r') || VisibleText.Segments(t).Any(s => s.IsHidden))) return "Some of it has line breaks or invisible characters, which only JSON shows.";
        return Fields!.Read() is { Ok: true, Value: var back } && JsonElement.DeepEquals(JsonSerializer.SerializeToElement(back), arguments) ? null : "Some of it is not in the register's description, so it is edited as JSON.";
    }
}
