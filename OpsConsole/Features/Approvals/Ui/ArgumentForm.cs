using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Authority.Ui;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>
/// New arguments while somebody edits them: by fields where the register describes them, as JSON everywhere else and whenever they like. From one to the other nothing that
/// was typed is lost: a member that the register does not list has a field as well, and what a field cannot hold exactly is JSON in it.
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

    /// <summary>What was typed as arguments. Faults: JSON that is none; in fields, what does not fit the register's description, with the message beside each field. That the agent sent more than the register lists is no such fault.</summary>
    public Result<JsonElement> Read()
    {
        if (Raw) return ArgumentDraft.Read(Text);
        var typed = Fields!.Read();
        if (typed.Fault is { } fault) return fault;
        var arguments = JsonSerializer.SerializeToElement(typed.Value);
        List<Misfit> misfits = [.. SchemaFit.Misfits(_schema!.Value, arguments).Where(m => !m.Unlisted)];
        var elsewhere = Fields.Mark(misfits);
        if (misfits.Count > 0) return Fault.Invalid("arguments.misfit", "This is not what the register says about the action. " + (elsewhere.Count > 0 ? VisibleText.Flatten(string.Join(' ', elsewhere)) : "See the marked fields.") + " Edit it as JSON to send it all the same.", "arguments");
        return ArgumentDraft.Read(arguments.GetRawText());   // the same limits as for JSON
    }

    /// <summary>What else the register would say about arguments that were read; a hint, nothing is refused for it.</summary>
    public IReadOnlyList<string> Hints(JsonElement arguments) => _schema is { } schema ? [.. SchemaFit.Misfits(schema, arguments).Select(m => VisibleText.Flatten(m.ToString()))] : [];

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
        (Raw, Odd, Text) = (true, null, VisibleJson.Of(JsonSerializer.SerializeToElement(fields.Value)));
        return null;
    }

    private void Load(JsonElement arguments)
    {
        Text = VisibleJson.Of(arguments);
        Fields?.FillWhole(arguments);
        Fields?.Mark([]);
        Odd = Fields?.Holds(arguments) == false ? "It is too much for single fields, so it is edited as JSON." : null;
        Raw = Fields is null || Odd is not null;
    }
}
