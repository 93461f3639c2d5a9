#pragma warning disable BL0006 // the bytes on the wire can only be counted with the framework's own types
using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.RenderTree;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpsConsole.Support;

/// <summary>Renders a component as a circuit does and counts the bytes of each batch as the server would send it, with the server's own writer.</summary>
internal sealed class BatchBytes(IServiceProvider services) : Renderer(services, NullLoggerFactory.Instance)
{
    private static readonly ConstructorInfo Writer = Type.GetType("Microsoft.AspNetCore.Components.Server.Circuits.RenderBatchWriter, Microsoft.AspNetCore.Components.Server", throwOnError: true)!
        .GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(Stream), typeof(bool)])!;

    private readonly Dispatcher _dispatcher = Dispatcher.CreateDefault();

    /// <summary>The size of every batch so far.</summary>
    public List<int> Batches { get; } = [];

    public override Dispatcher Dispatcher => _dispatcher;

    public Task ShowAsync(IComponent root, ParameterView parameters) => _dispatcher.InvokeAsync(() => RenderRootComponentAsync(AssignRootComponentId(root), parameters));

    public IComponent Make(Type component) => InstantiateComponent(component);

    protected override Task UpdateDisplayAsync(in RenderBatch renderBatch)
    {
        using var memory = new MemoryStream();
        var writer = Writer.Invoke([memory, true]);
        writer.GetType().GetMethod("Write", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(RenderBatch).MakeByRefType()])!.Invoke(writer, [renderBatch]);
        ((IDisposable)writer).Dispose();
        Batches.Add((int)memory.Length);
        return Task.CompletedTask;
    }

    protected override void HandleException(Exception exception) => throw exception;
}
